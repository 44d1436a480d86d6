import { z } from 'zod'
import { listDrafts, listNewDrafts, listWaitingDrafts } from '../../operations/drafts/show-draft.js'
import { isApprovalRequired } from '../../operations/lines/approval.js'
import { lineSchema, listLines } from '../../operations/lines/change-lines.js'
import { listUnknownNumbers } from '../../operations/lines/explain-number.js'
import { doubtsAbout } from '../../operations/lines/line-doubts.js'
import { sourcesOfLine } from '../../operations/lines/line-sources.js'
import { listVersions, restoreVersion } from '../../operations/lines/line-versions.js'
import { openProposals } from '../../operations/lines/propose-group.js'
import { spokenWords } from '../../operations/lines/spoken-words.js'
import { tryNumber } from '../../operations/lines/try-line.js'
import { AppError } from '../../shared/errors.js'
import { access } from '../access.js'
import { Answer } from '../answer.js'
import { ADMINISTRATORS, LINE_READERS } from '../audiences.js'
import type { AddRoutes } from '../deps.js'
import { WaitingProposals } from './groups/waiting-proposals.js'
import { BeginLine, NewDrafts } from './line/begin.js'
import { LineContent } from './line/line-content.js'
import { LineList } from './line/line-list.js'
import { pageFor, pageSchema } from './page.js'
import { Warnings } from './parts/warnings.js'

const params = z.object({ number: lineSchema.shape.number })

/** Pages of lines: all of them, and one as the conversation that its callers have. */
export const addLinePages: AddRoutes = (app, deps) => {
  app.get(
    '/lines',
    { config: access('line.list', LINE_READERS), schema: pageSchema('The lines in force') },
    async request => {
      const mayChange = request.actor!.roles.includes('administrator')
      const [lines, begun, waiting, proposals] = await Promise.all([
        listLines(deps),
        listNewDrafts(deps),
        listWaitingDrafts(deps),
        openProposals(deps.db),
      ])
      const unknown = mayChange ? (await listUnknownNumbers(deps)).numbers : []
      return pageFor(request, ({ words, view }) => ({
        title: words.lines.title,
        section: 'lines',
        body: (
          <div class="stack">
            <LineList {...{ lines, waiting, words, view }}>
              {proposals.length > 0 && <WaitingProposals {...{ proposals, words, view }} />}
              {begun.length > 0 && <NewDrafts {...{ drafts: begun, words, view }} />}
            </LineList>
            {mayChange && <BeginLine {...{ unknown, words, view }} />}
          </div>
        ),
      }))
    },
  )
  app.get(
    '/lines/:number',
    {
      config: access('line.read', LINE_READERS),
      schema: { ...pageSchema('A line as its callers meet it'), params },
    },
    async request => {
      const { number } = request.params
      const policy = (await listLines(deps)).find(line => line.number === number)
      const drafts = await listDrafts(deps, number)
      if (!policy && drafts[0]) return Answer.seeOther(`/drafts/${drafts[0].id}`)
      if (!policy) throw new AppError('not-found', `There is no line ${number}.`)
      const [doubts] = await doubtsAbout(deps.db, [policy])
      // A line that does not agree with its prompts cannot be tried. Its page says why.
      const trial = doubts?.faults.length ? { callers: [] } : tryNumber(deps, number)
      const [prompts, versions, { callers }, sources] = await Promise.all([
        spokenWords(deps, policy.language),
        listVersions(deps, number),
        trial,
        sourcesOfLine(deps.db, number),
      ])
      const mayChange = request.actor!.roles.includes('administrator')
      const mayRestore = mayChange && !isApprovalRequired(deps.config)
      return pageFor(request, ({ words, view }) => ({
        title: words.line.title(number),
        section: 'lines',
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
              mayRestore,
            }}
          />
        ),
      }))
    },
  )
  app.post(
    '/lines/:number/restore',
    {
      config: access('line.restore', ADMINISTRATORS),
      schema: {
        ...pageSchema('Puts an earlier version of a line into force again'),
        params,
        body: z.strictObject({ version: z.coerce.number().int().min(1) }),
      },
    },
    async request => {
      const { number } = request.params
      const { warnings } = await restoreVersion(deps, request.actor!, { number, ...request.body })
      if (warnings.length > 0)
        return pageFor(request, ({ words }) => ({
          title: words.line.title(number),
          section: 'lines',
          body: <Warnings {...{ warnings, words }} back={`/lines/${encodeURIComponent(number)}`} />,
        }))
      return Answer.seeOther(`/lines/${encodeURIComponent(number)}`)
    },
  )
}
