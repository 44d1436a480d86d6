import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { hasRight } from '../../accounts/deeds.js'
import { AppError, codeOf, type ErrorCode, errorText } from '../../core/errors.js'
import { type Message, text } from '../../core/message.js'
import { isLanguage, languageSchema } from '../../languages/languages.js'
import { isApprovalRequired } from '../../lines/approval.js'
import { checkKey, listPrompts, promptVersions, wherePrompt } from '../../lines/prompts/find-prompts.js'
import { hearPrompt } from '../../lines/prompts/hear-prompt.js'
import { promptVoices, warningsAbout } from '../../lines/prompts/make-prompts.js'
import { openPromptProposals, refusedPrompt } from '../../lines/prompts/propose-prompt.js'
import { isPublishedBy } from '../../lines/prompts/publish-prompts.js'
import { findLineToSay, linesToSayFor } from '../../lines/prompts/values-of-lines.js'
import { unspokenPrompts, wordsToBegin } from '../../lines/prompts/words-to-begin.js'
import { ringPhones } from '../../lines/ring-draft.js'
import { access } from '../access.js'
import { Answer } from '../answer.js'
import { addForm } from '../deed-routes.js'
import type { AddRoutes, App, ConsoleDeps } from '../deps.js'
import { MAKING_MS } from '../making-time.js'
import { refusalOf } from '../problem.js'
import { promptDeeds } from '../routes/prompts.js'
import { recording } from '../routes/record-prompt.js'
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

/** @param wanted the line or draft for which the words are made */
const addressOf = (prompt: z.infer<typeof key>, wanted?: string): string =>
  addressFor(prompt, wanted ? { id: wanted } : undefined)
const pageOf = (prompt: z.infer<typeof key>, wanted?: string): Answer =>
  Answer.seeOther(addressOf(prompt, wanted))

/** Pages of prompts: all of them, and one with its words, its versions and what makes new ones. */
export const addPromptPages: AddRoutes = (app, deps) => {
  const done = new DoneNotes(deps.clock)
  addListPage(app, deps)
  addPromptPage(app, deps, done)
  addMakingForms(app, deps, done)
  addVersionForms(app, deps)
  addProposalForms(app, deps, done)
}

/** The page of all prompts, and the form that leads to one. */
const addListPage: AddRoutes = (app, deps) => {
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
    request => listPage(deps, request, request.query),
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
        return listPage(deps, request, {}, { ...request.body, wrong: errorText(error) })
      }
    },
  )
}

/** The page of one prompt, and its sound. */
function addPromptPage(app: App, deps: ConsoleDeps, done: DoneNotes): void {
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
    request => promptPage(deps, done, request, request.params, request.query),
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
}

/** The forms that make a version: by a voice, and by telephone. */
function addMakingForms(app: App, deps: ConsoleDeps, done: DoneNotes): void {
  addForm(app, deps, promptDeeds.say, {
    ...{ path: '/prompts/:name/:language/speech', handlerMs: MAKING_MS },
    summary: 'Lets a voice speak a prompt, and saves it as a draft',
    own: {
      ...{ template: z.string().max(2_000), voice: z.string().max(200), line },
      ...{ like: z.string().max(64).optional(), for: line },
    },
    read: ({ for: _page, voice: chosenVoice, line, like, ...wanted }) => {
      const [engine = '', ...voice] = chosenVoice.split('/')
      const begun = { ...wanted, engine, voice: voice.join('/') }
      return { ...begun, ...(line && { line }), ...(like && { like }) }
    },
    answer: ({ warnings }, typed, request) => done.leadTo(request, addressOf(typed, typed.for), warnings),
    refused: (error, { name, language, ...typed }, request) => {
      if (codeOf(error) !== 'request.invalid') return undefined
      const shown = { like: typed.like, line: typed.for, typed: { ...typed, wrong: errorText(error) } }
      return promptPage(deps, done, request, { name, language }, shown)
    },
  })
  addForm(app, deps, recording, {
    path: '/prompts/:name/:language/telephone',
    summary: 'Rings a phone, which records the prompt',
    own: { line },
    read: ({ line, ...wanted }) => ({ ...wanted, ...(line && { line }) }),
    answer: ({ endpoint }, prompt) =>
      Answer.seeOther(`${addressOf(prompt)}?${new URLSearchParams({ rung: endpoint })}#telephone`),
  })
}

/** The steps of a version of a prompt. */
const addVersionForms: AddRoutes = (app, deps) => {
  addForm(app, deps, promptDeeds.publish, {
    path: '/prompts/:name/:language/versions/:version/publish',
    summary: 'Puts a version of a prompt into force',
    own: { for: line },
    answer: (_done, typed) => pageOf(typed, typed.for),
    // A button may be pressed twice.
    refused: async (_error, typed, request) =>
      (await isPublishedBy(deps, request.actor!, typed)) ? pageOf(typed, typed.for) : undefined,
  })
  addForm(app, deps, promptDeeds.propose, {
    path: '/prompts/:name/:language/versions/:version/propose',
    summary: 'Proposes to publish or to withdraw a version of a prompt',
    own: { for: line },
    answer: (_made, typed) => pageOf(typed, typed.for),
  })
  for (const [step, summary] of [
    ['withdraw', 'Takes a version of a prompt out of force'],
    ['discard', 'Discards a draft of a prompt'],
  ] as const)
    addForm(app, deps, promptDeeds[step], {
      ...{ path: `/prompts/:name/:language/versions/:version/${step}`, summary },
      answer: (_done, prompt) => pageOf(prompt),
    })
}

/** What a decision meets that has become impossible, or was not the visitor's. */
const ABOUT_PROPOSAL: readonly (ErrorCode | undefined)[] = [
  'approval.required',
  'policy.invalid',
  'request.conflict',
  'request.invalid',
]

/** A second person's decisions. */
function addProposalForms(app: App, deps: ConsoleDeps, done: DoneNotes): void {
  for (const [step, summary] of [
    ['approve', 'Approves a proposed change of a prompt, and makes it'],
    ['refuse', 'Rejects a proposed change of a prompt'],
  ] as const)
    addForm(app, deps, promptDeeds[step] as typeof promptDeeds.approve, {
      ...{ path: `/prompts/:name/:language/${step}`, summary },
      answer: (_done, prompt) => pageOf(prompt),
      refused: (error, { name, language, comment }, request) => {
        if (!ABOUT_PROPOSAL.includes(codeOf(error))) return undefined
        const { status, text: refusal } = refusalOf(error as Error)
        const decision = { refusal, comment, status }
        return promptPage(deps, done, request, { name, language }, { decision })
      },
    })
  addForm(app, deps, promptDeeds.withdrawProposal, {
    ...{
      path: '/prompts/:name/:language/withdraw-proposal',
      summary: 'Withdraws a proposed change of a prompt',
    },
    answer: (_done, prompt) => pageOf(prompt),
  })
}

/** The page of all prompts. @param typed a refused name, and why */
async function listPage(
  deps: ConsoleDeps,
  request: FastifyRequest,
  query: PromptQuery,
  typed?: TypedPrompt,
): Promise<Answer> {
  const prompts = await listPrompts(deps)
  const mayChange = hasRight(request.actor!, 'prompt.say')
  const waiting = await openPromptProposals(deps.db)
  const unspoken = mayChange ? await unspokenPrompts(prompts) : []
  return pageFor(request, ({ words, view }) => ({
    title: words.prompts.title,
    section: 'prompts',
    status: typed ? 422 : 200,
    body: <PromptList {...{ prompts, unspoken, waiting, query, words, view, mayChange, typed }} />,
  }))
}

/** The data of a prompt's page besides the prompt. */
interface ShownWithPrompt {
  /** The phone just rung. */
  rung?: string | undefined
  /** The prompt whose words a new one begins with. */
  like?: string | undefined
  /** The line or draft that needs words. */
  line?: string | undefined
  /** The address of warnings to show. */
  done?: string | undefined
  /** The version just recorded. */
  made?: number | undefined
  /** Words that could not be synthesized, and why. */
  typed?: TypedSpeech | undefined
  /** A refused decision: its status, why, and the comment as typed. */
  decision?: { status: number; refusal: Message; comment?: string | undefined } | undefined
}

/** The page of one prompt. @param shown the phone just rung, the line that needs words, or words that could not be synthesized, and why */
async function promptPage(
  deps: ConsoleDeps,
  done: DoneNotes,
  request: FastifyRequest,
  prompt: z.infer<typeof key>,
  { rung, like, line: wanted, done: noted, made, typed, decision }: ShownWithPrompt,
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
  const proposed = await proposalsOf(deps, prompt, isNew)
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
    status: decision?.status ?? (typed ? 422 : 200),
    scripts: ['recorder.js'],
    body: (
      <PromptContent
        {...{ ...prompt, versions, base, latest, sayFor, forLine, use, voices, phones }}
        {...{ words, view, mayChange, typed, decision, ...proposed }}
        visitor={request.actor!.name}
        made={sent?.version}
        done={warnings}
      />
    ),
  }))
}

/** What awaits approval, and what was rejected last. */
async function proposalsOf({ db, config }: ConsoleDeps, prompt: z.infer<typeof key>, isNew: boolean) {
  const approval = isApprovalRequired(config)
  if (isNew) return { approval, proposal: undefined, refused: undefined }
  const key = checkKey(prompt)
  const [proposal] = await openPromptProposals(db, key)
  return { approval, proposal, refused: await refusedPrompt(db, key) }
}
