import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { hasRight } from '../../accounts/deeds.js'
import { AppError, codeOf, errorText } from '../../core/errors.js'
import { text } from '../../core/message.js'
import { isLanguage, languageSchema } from '../../languages/languages.js'
import { checkKey, listPrompts, promptVersions, wherePrompt } from '../../lines/prompts/find-prompts.js'
import { hearPrompt } from '../../lines/prompts/hear-prompt.js'
import { promptVoices, sayPrompt, warningsAbout } from '../../lines/prompts/make-prompts.js'
import {
  discardPrompt,
  isPublishedBy,
  publishPrompt,
  withdrawPrompt,
} from '../../lines/prompts/publish-prompts.js'
import { recordPrompt } from '../../lines/prompts/record-prompt.js'
import { findLineToSay, linesToSayFor } from '../../lines/prompts/values-of-lines.js'
import { unspokenPrompts, wordsToBegin } from '../../lines/prompts/words-to-begin.js'
import { ringPhones } from '../../lines/ring-draft.js'
import { access } from '../access.js'
import { Answer } from '../answer.js'
import type { AddRoutes } from '../deps.js'
import { MAKING_MS } from '../making-time.js'
import { DoneNotes, doneQuery } from './done-notes.js'
import { pageFor, pageSchema } from './page.js'
import { chosen } from './parts/chosen.js'
import { addressFor } from './prompts/for-line.js'
import type { TypedSpeech } from './prompts/make-forms.js'
import { PromptContent } from './prompts/prompt-content.js'
import { PROMPT_ROLES, PromptList, type PromptQuery, type TypedPrompt } from './prompts/prompt-list.js'

const key = z.object({ name: z.string().max(64), language: z.string().max(8) })
/** A line or a draft whose values the variables get. */
const line = z.string().max(64).optional()
/** A state in which a version can be published. */
const seenState = z.enum(['draft', 'replaced', 'withdrawn'])
const ofVersion = key.extend({ version: z.coerce.number().int().min(1) })

/** @param wanted the line or draft for which the words are made */
const addressOf = (prompt: z.infer<typeof key>, wanted?: string): string =>
  addressFor(prompt, wanted ? { id: wanted } : undefined)
const pageOf = (prompt: z.infer<typeof key>, wanted?: string): Answer =>
  Answer.seeOther(addressOf(prompt, wanted))

/** Pages of prompts: all of them, and one with its words, its versions and what makes new ones. */
export const addPromptPages: AddRoutes = (app, deps) => {
  const done = new DoneNotes(deps.clock)
  app.get(
    '/prompts',
    {
      config: access('prompt.list'),
      schema: {
        ...pageSchema('The prompts'),
        querystring: z.object({
          find: z.string().max(100).optional(),
          language: chosen(languageSchema),
          role: chosen(z.enum(PROMPT_ROLES)),
        }),
      },
    },
    request => listPage(request, request.query),
  )
  app.post(
    '/prompts',
    {
      config: access('prompt.begin'),
      schema: {
        ...pageSchema('Leads to the page of a prompt, which may be a new one'),
        body: z.strictObject({
          name: z.string().trim().max(200),
          language: z.string().max(8),
          like: z.string().max(64),
        }),
      },
    },
    async request => {
      const { like, ...wanted } = request.body
      try {
        return Answer.seeOther(`${addressOf(checkKey(wanted))}?${new URLSearchParams({ like })}`)
      } catch (error) {
        if (codeOf(error) !== 'request.invalid') throw error
        return listPage(request, {}, { ...request.body, wrong: errorText(error) })
      }
    },
  )
  app.get(
    '/prompts/:name/:language',
    {
      config: access('prompt.read'),
      schema: {
        ...pageSchema('One prompt with its versions'),
        params: key,
        querystring: z.object({
          ...{ rung: z.string().max(200).optional(), like: z.string().max(64).optional(), line },
          made: z.coerce.number().int().min(1).optional().catch(undefined),
          ...doneQuery,
        }),
      },
    },
    request => promptPage(request, request.params, request.query),
  )
  app.get(
    '/prompts/:name/:language/audio',
    {
      config: access('prompt.hear'),
      schema: {
        ...pageSchema('The sound of a prompt, as callers hear it over a telephone'),
        params: key,
        querystring: z.object({ version: z.coerce.number().int().min(1).optional() }),
      },
    },
    async ({ params, query: { version } }) => {
      const request = { ...params, quality: 'telephone' as const }
      const wav = await hearPrompt(deps, version === undefined ? request : { ...request, version })
      return new Answer(200, { 'content-type': 'audio/wav' }, wav)
    },
  )
  app.post(
    '/prompts/:name/:language/speech',
    {
      config: { ...access('prompt.say'), handlerMs: MAKING_MS },
      schema: {
        ...pageSchema('Lets a voice speak a prompt, and saves it as a draft'),
        params: key,
        body: z.strictObject({
          ...{ template: z.string().max(2_000), voice: z.string().max(200), line },
          ...{ like: z.string().max(64).optional(), for: line },
        }),
      },
    },
    async request => {
      const { params, body } = request
      const [engine = '', ...voice] = body.voice.split('/')
      const { template, line, like } = body
      const wanted = {
        ...params,
        template,
        engine,
        voice: voice.join('/'),
        ...(line && { line }),
        ...(like && { like }),
      }
      const said = await sayPrompt(deps, request.actor!, wanted).catch((error: unknown) => {
        if (codeOf(error) === 'request.invalid') return error as Error
        throw error
      })
      if (said instanceof Error)
        return promptPage(request, params, {
          ...{ like, line: body.for },
          typed: { ...body, wrong: errorText(said) },
        })
      return done.leadTo(request, addressOf(params, body.for), said.warnings)
    },
  )
  app.post(
    '/prompts/:name/:language/telephone',
    {
      config: access('prompt.record'),
      schema: {
        ...pageSchema('Rings a phone, which records the prompt'),
        params: key,
        body: z.strictObject({ endpoint: z.string().max(200), of: z.coerce.number().int().min(1), line }),
      },
    },
    async ({ params, body, actor }) => {
      const { line, ...rest } = body
      const wanted = { ...params, ...rest, ...(line && { line }) }
      const { endpoint } = await recordPrompt(deps, actor!, wanted)
      return Answer.seeOther(`${addressOf(params)}?${new URLSearchParams({ rung: endpoint })}#telephone`)
    },
  )
  app.post(
    '/prompts/:name/:language/versions/:version/publish',
    {
      config: access('prompt.publish'),
      schema: {
        ...pageSchema('Puts a version of a prompt into force'),
        params: ofVersion,
        body: z.strictObject({ state: seenState, inForce: z.coerce.number().int().min(0), for: line }),
      },
    },
    async ({ params, body: { for: wanted, ...seen }, actor }) => {
      await publishPrompt(deps, actor!, { ...params, seen }).catch(async (error: unknown) => {
        // A button may be pressed twice.
        if (!(await isPublishedBy(deps, actor!, params))) throw error
      })
      return pageOf(params, wanted)
    },
  )
  for (const [step, summary, take] of [
    ['withdraw', 'Takes a version of a prompt out of force', withdrawPrompt],
    ['discard', 'Discards a draft of a prompt', discardPrompt],
  ] as const)
    app.post(
      `/prompts/:name/:language/versions/:version/${step}`,
      {
        config: access(`prompt.${step}`),
        schema: { ...pageSchema(summary), params: ofVersion, body: z.strictObject({}).optional() },
      },
      async ({ params, actor }) => {
        await take(deps, actor!, params)
        return pageOf(params)
      },
    )

  async function listPage(request: FastifyRequest, query: PromptQuery, typed?: TypedPrompt): Promise<Answer> {
    const prompts = await listPrompts(deps)
    const mayChange = hasRight(request.actor!, 'prompt.say')
    const unspoken = mayChange ? await unspokenPrompts(prompts) : []
    return pageFor(request, ({ words, view }) => ({
      title: words.prompts.title,
      section: 'prompts',
      status: typed ? 422 : 200,
      body: <PromptList {...{ prompts, unspoken, query, words, view, mayChange, typed }} />,
    }))
  }

  /** @param shown the phone just rung, the line that needs words, or words that could not be synthesized, and why */
  async function promptPage(
    request: FastifyRequest,
    prompt: z.infer<typeof key>,
    {
      rung,
      like,
      line: wanted,
      done: noted,
      made,
      typed,
    }: {
      rung?: string | undefined
      like?: string | undefined
      line?: string | undefined
      done?: string | undefined
      made?: number | undefined
      typed?: TypedSpeech | undefined
    },
  ): Promise<Answer> {
    const mayChange = hasRight(request.actor!, 'prompt.say')
    const versions = await promptVersions(deps, prompt).catch((error: unknown) => {
      if (codeOf(error) === 'not-found' && mayChange && isLanguage(prompt.language)) return []
      throw error
    })
    const isNew = versions.length === 0
    /** The versions that supply words for a new one. */
    const model = isNew ? await wordsToBegin(deps.db, prompt, like) : versions
    const base = model.find(({ inForce }) => inForce) ?? model[0]
    if (!base)
      throw new AppError(
        'not-found',
        text`There is no prompt ${prompt.name} in ${prompt.language}. See consentry prompt list.`,
      )
    const latest = versions.find(({ state }) => state === 'draft') ?? base
    const use = isNew ? { lines: [], drafts: [], lastHeard: null } : await wherePrompt(deps, prompt)
    const voices = await promptVoices(deps)
    const sayFor = await linesToSayFor(deps.db, prompt, latest.template ?? latest.text, {
      like: base.name,
      wanted,
    })
    const forLine = wanted === undefined ? undefined : await findLineToSay(deps.db, wanted)
    const phones = { phones: ringPhones(deps), rung }
    // A script has sent a recording, and states only the version made of it.
    const sent = versions.find(({ version, state }) => version === made && state === 'draft')
    const warnings = [...done.of(request, noted), ...(sent ? warningsAbout(sent) : [])]
    return pageFor(request, ({ words, view }) => ({
      title: prompt.name,
      section: 'prompts',
      status: typed ? 422 : 200,
      scripts: ['recorder.js'],
      body: (
        <PromptContent
          {...{ ...prompt, versions, base, latest, sayFor, forLine, use, voices, phones }}
          {...{ words, view, mayChange, typed }}
          made={sent?.version}
          done={warnings}
        />
      ),
    }))
  }
}
