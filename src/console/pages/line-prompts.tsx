import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { languages } from '../../languages/languages.js'
import { lineSchema } from '../../operations/lines/change-lines.js'
import { promptVoices } from '../../operations/prompts/make-prompts.js'
import {
  promptsOfLine,
  publishSpoken,
  requireSpeakable,
  speakLine,
} from '../../operations/prompts/speak-line.js'
import { AppError, codeOf } from '../../shared/errors.js'
import { access } from '../access.js'
import { Answer } from '../answer.js'
import { ADMINISTRATORS, LINE_READERS } from '../audiences.js'
import type { AddRoutes } from '../deps.js'
import { problemFrom } from '../problem.js'
import { pageFor, pageSchema } from './page.js'
import { LinePromptsContent } from './prompts/line-prompts-content.js'

/** After how long the browser loads the page again while prompts are being spoken, s. One takes a few seconds. */
const REFRESH_S = 2
const params = z.object({ number: lineSchema.shape.number })
const key = z.string().regex(/^[^/]{1,64}\/[^/]{1,8}$/)
const some = z.union([key.transform(one => [one]), z.array(key).max(200)])
/** Prompts, each with the version of its draft and that in force, with blanks between them. */
const drafts = z
  .string()
  .max(20_000)
  .regex(/^[^/ ]{1,64}\/[^/ ]{1,8}\/\d{1,9}\/\d{1,9}( [^/ ]{1,64}\/[^/ ]{1,8}\/\d{1,9}\/\d{1,9})*$/)

/** Whether the page of the prompts says why something was refused. */
const isTold = (error: unknown): boolean =>
  ['request.invalid', 'request.conflict', 'policy.invalid'].includes(codeOf(error) ?? '')

/** Prompts of a line that are being spoken, or were not because of an error that its page has not shown yet. */
interface Speaking {
  spoken: number
  all: number
  running: boolean
  wrong?: Error
}

/** Pages on which all prompts of a line are heard, spoken anew, and published. */
export const addLinePromptPages: AddRoutes = (app, deps) => {
  /** By the number of the line. Speaking all of a line takes longer than a browser waits for an answer. */
  const speaking = new Map<string, Speaking>()
  const works = new Set<Promise<void>>()
  app.addHook('onClose', async () => {
    await Promise.all(works)
  })
  const page = async (request: FastifyRequest, number: string, wrong?: Error): Promise<Answer> => {
    const [said, voices] = await Promise.all([promptsOfLine(deps.db, number), promptVoices(deps)])
    const mayChange = request.actor!.roles.includes('administrator')
    const now = speaking.get(number)
    if (mayChange && !now?.running) speaking.delete(number)
    return pageFor(request, ({ words }) => ({
      title: words.linePrompts.title(words.line.title(said.line.number, said.line.name)),
      section: 'lines',
      status: wrong ? problemFrom(wrong).status : 200,
      ...(now?.running && { headers: { refresh: String(REFRESH_S) } }),
      body: (
        <LinePromptsContent
          {...{ ...said, voices, words, mayChange }}
          speaking={now?.running ? now : undefined}
          wrong={(wrong ?? now?.wrong)?.message}
        />
      ),
    }))
  }
  /** Begins to speak. The page says how far it is. */
  const begin = (number: string, all: number, work: (told: (spoken: number) => void) => Promise<void>) => {
    const state: Speaking = { spoken: 0, all, running: true }
    speaking.set(number, state)
    const done = work(spoken => {
      state.spoken = spoken
    })
      .catch((error: Error) => {
        state.wrong = isTold(error)
          ? error
          : new AppError('request.invalid', 'The prompts could not all be spoken: try again.')
        if (!isTold(error))
          deps.log.error({ kind: error.name, code: codeOf(error) }, 'prompts were not spoken')
      })
      .finally(() => {
        state.running = false
        works.delete(done)
      })
    works.add(done)
  }
  /** Leads to the page, or shows on it why a deed was refused. */
  const orPage = async (request: FastifyRequest, number: string, deed: () => Promise<unknown>) => {
    try {
      await deed()
    } catch (error) {
      if (!isTold(error)) throw error
      return page(request, number, error as Error)
    }
    return Answer.seeOther(`/lines/${encodeURIComponent(number)}/prompts`)
  }
  app.get(
    '/lines/:number/prompts',
    {
      config: access('prompt.list', LINE_READERS),
      schema: { ...pageSchema('All that callers of a line hear'), params },
    },
    request => page(request, request.params.number),
  )
  app.post(
    '/lines/:number/prompts/speak',
    {
      config: access('prompt.say', ADMINISTRATORS),
      schema: {
        ...pageSchema('Lets voices speak prompts of a line anew, each as a draft'),
        params,
        body: z.strictObject({
          prompts: some.optional().transform(given => given ?? []),
          ...Object.fromEntries(languages().map(language => [language, z.string().max(200).optional()])),
        }),
      },
    },
    async request => {
      const { number } = request.params
      const { prompts, ...voices } = request.body as { prompts: string[] }
      const keys = prompts.map(one => {
        const [name = '', language = ''] = one.split('/')
        return { name, language }
      })
      return orPage(request, number, async () => {
        if (speaking.get(number)?.running) return
        const wanted = { line: number, voices, prompts: keys }
        await requireSpeakable(deps, wanted)
        begin(number, keys.length, told => speakLine(deps, request.actor!, wanted, told))
      })
    },
  )
  app.post(
    '/lines/:number/prompts/publish',
    {
      config: access('prompt.publish', ADMINISTRATORS),
      schema: {
        ...pageSchema('Puts drafts of the prompts of a line into force'),
        params,
        body: z.strictObject({ drafts }),
      },
    },
    async request => {
      const { number } = request.params
      const seen = request.body.drafts.split(' ').map(one => {
        const [name = '', language = '', version, inForce] = one.split('/')
        return { name, language, version: Number(version), inForce: Number(inForce) }
      })
      return orPage(request, number, () =>
        publishSpoken(deps, request.actor!, { line: number, drafts: seen }),
      )
    },
  )
}
