import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { hasRight } from '../../accounts/deeds.js'
import { errorText } from '../../core/errors.js'
import { languages } from '../../languages/languages.js'
import { isApprovalRequired } from '../../lines/approval.js'
import { lineSchema } from '../../lines/change-lines.js'
import { promptVoices } from '../../lines/prompts/make-prompts.js'
import { promptsOfLine, publishSpoken, requireSpeakable, speakLine } from '../../lines/prompts/speak-line.js'
import { access } from '../access.js'
import { Answer } from '../answer.js'
import type { AddRoutes, App, ConsoleDeps } from '../deps.js'
import { refusalOf } from '../problem.js'
import { pageFor, pageSchema } from './page.js'
import { LinePromptsContent } from './prompts/line-prompts-content.js'
import { isShown, SpeakingWorks } from './prompts/speaking.js'

const params = z.object({ number: lineSchema.shape.number })
const key = z.string().regex(/^[^/]{1,64}\/[^/]{1,8}$/)
const some = z.union([key.transform(one => [one]), z.array(key).max(200)])
/** Prompts, each with the version of its draft and that in force, with blanks between them. */
const drafts = z
  .string()
  .max(20_000)
  .regex(/^[^/ ]{1,64}\/[^/ ]{1,8}\/\d{1,9}\/\d{1,9}( [^/ ]{1,64}\/[^/ ]{1,8}\/\d{1,9}\/\d{1,9})*$/)

/** Pages on which all prompts of a line are played, synthesized again, and published. */
export const addLinePromptPages: AddRoutes = (app, deps) => {
  /** By the number of the line. */
  const works = new SpeakingWorks(app, deps)
  addSpeakForm(app, deps, works)
  addPublishForm(app, deps, works)
}

/** The page of all prompts of a line. @param wrong why an action was refused */
const promptsPage = async (
  deps: ConsoleDeps,
  works: SpeakingWorks,
  request: FastifyRequest,
  number: string,
  wrong?: Error,
): Promise<Answer> => {
  const [said, voices] = await Promise.all([promptsOfLine(deps.db, number), promptVoices(deps)])
  const mayChange = hasRight(request.actor!, 'prompt.say')
  const { speaking, failure, headers } = works.shown(number, mayChange)
  return pageFor(request, ({ words }) => ({
    title: words.linePrompts.title(words.line.title(said.line.number, said.line.name)),
    section: 'lines',
    status: wrong ? refusalOf(wrong).status : 200,
    ...(headers && { headers }),
    body: (
      <LinePromptsContent
        {...{ ...said, voices, words, mayChange }}
        approval={isApprovalRequired(deps.config)}
        speaking={speaking}
        wrong={wrong ? errorText(wrong) : failure}
      />
    ),
  }))
}

/** Redirects to the page, or shows on it why an action was refused. */
const orPage = async (
  deps: ConsoleDeps,
  works: SpeakingWorks,
  request: FastifyRequest,
  number: string,
  deed: () => Promise<unknown>,
) => {
  try {
    await deed()
  } catch (error) {
    if (!isShown(error)) throw error
    return promptsPage(deps, works, request, number, error as Error)
  }
  return Answer.seeOther(`/lines/${encodeURIComponent(number)}/prompts`)
}

/** The page, and the form that lets voices speak its prompts again. */
function addSpeakForm(app: App, deps: ConsoleDeps, works: SpeakingWorks): void {
  app.get(
    '/lines/:number/prompts',
    {
      config: access('prompt.list'),
      schema: { ...pageSchema('All that callers of a line hear'), params },
    },
    request => promptsPage(deps, works, request, request.params.number),
  )
  app.post(
    '/lines/:number/prompts/speak',
    {
      config: access('prompt.say'),
      schema: {
        ...pageSchema('Lets voices speak prompts of a line again, each as a draft'),
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
      return orPage(deps, works, request, number, async () => {
        if (works.isRunning(number)) return
        const wanted = { line: number, voices, prompts: keys }
        await requireSpeakable(deps, wanted)
        works.begin(number, keys.length, report => speakLine(deps, request.actor!, wanted, report))
      })
    },
  )
}

/** The form that publishes drafts of its prompts. */
function addPublishForm(app: App, deps: ConsoleDeps, works: SpeakingWorks): void {
  app.post(
    '/lines/:number/prompts/publish',
    {
      config: access('prompt.publish'),
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
      return orPage(deps, works, request, number, () =>
        publishSpoken(deps, request.actor!, { line: number, drafts: seen }),
      )
    },
  )
}
