import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { hasRight } from '../../accounts/deeds.js'
import { plainNumber } from '../../core/typed-number.js'
import { languageSchema } from '../../languages/languages.js'
import { isApprovalRequired } from '../../lines/approval.js'
import { lineSchema, listLines } from '../../lines/change-lines.js'
import { beginLine, copyLine } from '../../lines/drafts/begin-line.js'
import { listDrafts, listNewDrafts, listWaitingDrafts } from '../../lines/drafts/show-draft.js'
import { listUnknownNumbers } from '../../lines/explain-number.js'
import { doubtsAbout } from '../../lines/line-doubts.js'
import { sourcesOfLine } from '../../lines/line-sources.js'
import { listVersions, restoreVersion } from '../../lines/line-versions.js'
import { openGroupProposals } from '../../lines/propose-group.js'
import { spokenWords } from '../../lines/spoken-words.js'
import { tryNumber } from '../../lines/try-line.js'
import { access } from '../access.js'
import { Answer } from '../answer.js'
import type { AddRoutes, App, ConsoleDeps } from '../deps.js'
import { DoneNotes, doneQuery } from './done-notes.js'
import { WaitingProposals } from './groups/waiting-proposals.js'
import { BeginLine, NewDrafts } from './line/begin.js'
import { LineContent } from './line/line-content.js'
import { LineList } from './line/line-list.js'
import { NoLine } from './line/no-line.js'
import { type RefusedNumber, refusedNumber, statusOf } from './line/number-field.js'
import { pageFor, pageSchema } from './page.js'

const params = z.object({ number: lineSchema.shape.number })

/** Pages of lines: all of them, and one as the conversation that its callers have. */
export const addLinePages: AddRoutes = (app, deps) => {
  const done = new DoneNotes(deps.clock)
  addListPage(app, deps)
  addLinePage(app, deps, done)
  addRestoreForm(app, deps, done)
}

/** The page of all lines, and the form that begins a draft of a new one. */
const addListPage: AddRoutes = (app, deps) => {
  app.get(
    '/lines',
    {
      config: access('line.list'),
      schema: {
        ...pageSchema('The lines in force, or the way to the page of any number'),
        querystring: z.object({ number: z.string().trim().max(200).optional() }),
      },
    },
    async request => {
      const { number } = request.query
      return number
        ? Answer.seeOther(`/lines/${encodeURIComponent(plainNumber(number))}`)
        : listPage(deps, request)
    },
  )
  app.post(
    '/lines/new',
    {
      config: access('draft.begin'),
      schema: {
        ...pageSchema('Begins a draft of a new line'),
        // The limit exceeds the length of a number, so that a number that is too long is refused at its field.
        body: z.strictObject({ number: z.string().trim().max(200), language: languageSchema }),
      },
    },
    async request => {
      try {
        const { id } = await beginLine(deps, request.actor!, request.body)
        return Answer.seeOther(`/drafts/${id}`)
      } catch (error) {
        return listPage(deps, request, refusedNumber(request.body, error))
      }
    },
  )
}

/** The page of one line, and the form that copies it. */
function addLinePage(app: App, deps: ConsoleDeps, done: DoneNotes): void {
  app.get(
    '/lines/:number',
    {
      config: access('line.read'),
      schema: { ...pageSchema('A line as its callers meet it'), params, querystring: z.object(doneQuery) },
    },
    request => linePage(deps, done, request, request.params.number, { done: request.query.done }),
  )
  app.post(
    '/lines/:number/copy',
    {
      config: access('draft.begin'),
      schema: {
        ...pageSchema('Begins a draft of a new line with all that a line says'),
        params,
        body: z.strictObject({ number: z.string().trim().max(200) }),
      },
    },
    async request => {
      const { number: like } = request.params
      const { number } = request.body
      try {
        const { id } = await copyLine(deps, request.actor!, { like, number })
        return Answer.seeOther(`/drafts/${id}`)
      } catch (error) {
        return linePage(deps, done, request, like, {
          refused: refusedNumber({ number, language: 'ru' }, error),
        })
      }
    },
  )
}

/** The form that puts an earlier version into force. */
function addRestoreForm(app: App, deps: ConsoleDeps, done: DoneNotes): void {
  app.post(
    '/lines/:number/restore',
    {
      config: access('line.restore'),
      schema: {
        ...pageSchema('Puts an earlier version of a line into force again'),
        params,
        body: z.strictObject({ version: z.coerce.number().int().min(1) }),
      },
    },
    async request => {
      const { number } = request.params
      const { warnings } = await restoreVersion(deps, request.actor!, { number, ...request.body })
      return done.leadTo(request, `/lines/${encodeURIComponent(number)}`, warnings)
    },
  )
}

/** The page of a line: the line in force, its draft, or the note that the number is no line. */
async function linePage(
  deps: ConsoleDeps,
  done: DoneNotes,
  request: FastifyRequest,
  number: string,
  { done: noted, refused }: { done?: string | undefined; refused?: RefusedNumber },
): Promise<Answer> {
  const policy = (await listLines(deps)).find(line => line.number === number)
  const drafts = await listDrafts(deps, number)
  if (!policy && drafts[0]) return Answer.seeOther(`/drafts/${drafts[0].id}`)
  const mayChange = hasRight(request.actor!, 'draft.begin')
  if (!policy)
    return pageFor(request, ({ words, view }) => ({
      title: words.line.title(number),
      section: 'lines',
      status: 404,
      body: <NoLine {...{ number, words, view, mayChange }} />,
    }))
  const [doubts] = await doubtsAbout(deps.db, [policy])
  // A line whose prompts contradict it cannot be tried. Its page shows why.
  const { callers } = doubts?.faults.length ? { callers: [] } : await tryNumber(deps, number)
  const prompts = await spokenWords(deps, policy.language)
  const versions = await listVersions(deps, number)
  const sources = await sourcesOfLine(deps.db, number)
  return pageFor(request, ({ words, view }) => ({
    title: words.line.title(number, policy.name),
    section: 'lines',
    status: statusOf(refused),
    scripts: ['simulator.js'],
    body: (
      <LineContent
        {...{
          policy,
          prompts,
          versions,
          callers,
          drafts,
          sources,
          doubts,
          words,
          view,
          mayChange,
          approval: isApprovalRequired(deps.config),
          done: done.of(request, noted),
          refused,
        }}
      />
    ),
  }))
}

/** The page of all lines. @param refused a refused number, and why */
async function listPage(
  deps: ConsoleDeps,
  request: FastifyRequest,
  refused?: RefusedNumber,
): Promise<Answer> {
  const mayChange = hasRight(request.actor!, 'draft.begin')
  const lines = await listLines(deps)
  const begun = await listNewDrafts(deps)
  const waiting = await listWaitingDrafts(deps)
  const proposals = await openGroupProposals(deps.db)
  const unknown = mayChange ? (await listUnknownNumbers(deps)).numbers : []
  return pageFor(request, ({ words, view }) => ({
    title: words.lines.title,
    section: 'lines',
    status: statusOf(refused),
    body: (
      <div class="stack">
        <LineList {...{ lines, waiting, words, view }}>
          {proposals.length > 0 && <WaitingProposals {...{ proposals, words, view }} />}
          {begun.length > 0 && <NewDrafts {...{ drafts: begun, words, view }} />}
        </LineList>
        {mayChange && <BeginLine {...{ unknown, words, view, refused }} />}
      </div>
    ),
  }))
}
