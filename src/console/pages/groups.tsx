import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { hasRight } from '../../accounts/deeds.js'
import { codeOf, type ErrorCode, errorText } from '../../core/errors.js'
import type { Message } from '../../core/message.js'
import { languages } from '../../languages/languages.js'
import { isApprovalRequired } from '../../lines/approval.js'
import { listLines } from '../../lines/change-lines.js'
import {
  changeGroup,
  checkGroupName,
  type GroupView,
  listGroups,
  previewGroup,
  readGroup,
} from '../../lines/groups.js'
import { namesOf } from '../../lines/line-names.js'
import {
  type GroupProposal,
  openGroupProposals,
  openProposal,
  proposeGroup,
  refusedProposal,
} from '../../lines/propose-group.js'
import { spokenWords } from '../../lines/spoken-words.js'
import { access } from '../access.js'
import { Answer } from '../answer.js'
import { addForm } from '../deed-routes.js'
import type { AddRoutes, App, ConsoleDeps } from '../deps.js'
import { refusalOf } from '../problem.js'
import { proposalDeeds } from '../routes/group-proposals.js'
import { DoneNotes, doneQuery } from './done-notes.js'
import { GroupContent, type GroupContentProps, type ProposedChange } from './groups/group-content.js'
import { GroupList } from './groups/group-list.js'
import { fieldsTyped } from './groups/typed-fields.js'
import { pageFor, pageSchema } from './page.js'

const params = z.object({ group: z.string().max(64) })

/** Most bytes of a form: a group has 28,000 bytes of JSON, and a Cyrillic letter six bytes in a form. */
const FORM_BYTES = 163_840

/** Refusals of a decision that the group's page shows. */
const ABOUT_PROPOSAL: readonly (ErrorCode | undefined)[] = ['request.conflict', 'request.invalid']

/** The data of a group's page besides the group. */
type ShownWithGroup = Pick<GroupContentProps, 'input' | 'preview' | 'fault' | 'refusal' | 'comment'> & {
  /** The status of the answer. */
  status?: number
}

const addressOf = (name: string): string => `/lines/groups/${encodeURIComponent(name)}`

/** Pages of groups of lines: the shared fields, and the effect of a change. */
export const addGroupPages: AddRoutes = (app, deps) => {
  const done = new DoneNotes(deps.clock)
  addListPage(app, deps)
  addGroupPage(app, deps, done)
  addChangeForms(app, deps, done)
  addProposalForms(app, deps, done)
}

/** The page of all groups, and the form that leads to one. */
const addListPage: AddRoutes = (app, deps) => {
  app.get(
    '/lines/groups',
    { config: access('line-group.list'), schema: pageSchema('The groups of lines') },
    request => listPage(deps, request),
  )
  app.post(
    '/lines/groups',
    {
      config: access('line-group.set'),
      schema: {
        ...pageSchema('Leads to the page of a group, which may be a new one'),
        body: z.strictObject({ name: z.string().trim().max(64) }),
      },
    },
    async request => {
      const { name } = request.body
      try {
        checkGroupName(name)
      } catch (error) {
        if (codeOf(error) !== 'request.invalid') throw error
        return listPage(deps, request, { name, wrong: errorText(error) })
      }
      return Answer.seeOther(addressOf(name))
    },
  )
}

/** The page of one group. */
function addGroupPage(app: App, deps: ConsoleDeps, done: DoneNotes): void {
  app.get(
    '/lines/groups/:group',
    {
      config: access('line-group.read'),
      schema: {
        ...pageSchema('What the lines of a group share'),
        params,
        querystring: z.object({ ...doneQuery, again: z.enum(['yes']).optional() }),
      },
    },
    async request => {
      const { group: name } = request.params
      const rejected = request.query.again && (await refusedProposal(deps.db, name))
      const typed = rejected ? { input: rejected.fields } : {}
      return groupPage(deps, request, name, typed, done.of(request, request.query.done))
    },
  )
}

/** The preview of a change, and the change. */
function addChangeForms(app: App, deps: ConsoleDeps, done: DoneNotes): void {
  app.post(
    '/lines/groups/:group/preview',
    {
      config: access('line-group.preview'),
      bodyLimit: FORM_BYTES,
      schema: {
        ...pageSchema('Shows which lines a change of a group would change'),
        params,
        body: z.record(z.string().max(64), z.string().max(1_000)),
      },
    },
    async request => {
      const { group: name } = request.params
      const typed = request.body['seen']
      const seen = typed === undefined ? undefined : Number(typed)
      const input = fieldsTyped(request.body, (await groupOrNew(deps, name)).fields)
      try {
        const preview = await previewGroup(deps, { name, input, seen })
        return groupPage(deps, request, name, { input, preview })
      } catch (error) {
        if (codeOf(error) !== 'policy.invalid') throw error
        return groupPage(deps, request, name, { input, fault: errorText(error) })
      }
    },
  )
  app.post(
    '/lines/groups/:group',
    {
      config: access('line-group.set'),
      bodyLimit: FORM_BYTES,
      schema: {
        ...pageSchema('Changes a group and its lines, as was shown, or proposes that'),
        params,
        body: z.strictObject({ seen: z.coerce.number().int().min(0), input: z.string().max(60_000) }),
      },
    },
    async request => {
      const { group: name } = request.params
      const { seen, input } = request.body
      const wanted = { name, seen, input: jsonOf(input) }
      if (isApprovalRequired(deps.config)) {
        await proposeGroup(deps, request.actor!, wanted)
        return Answer.seeOther(addressOf(name))
      }
      const { warnings } = await changeGroup(deps, request.actor!, wanted)
      return done.leadTo(request, addressOf(name), warnings)
    },
  )
}

/** The decisions on a proposed change. */
function addProposalForms(app: App, deps: ConsoleDeps, done: DoneNotes): void {
  const refused = async (error: unknown, name: string, request: FastifyRequest, comment?: string) => {
    if (!ABOUT_PROPOSAL.includes(codeOf(error))) return undefined
    const { status, text } = refusalOf(error as Error)
    return groupPage(deps, request, name, { refusal: text, status, comment })
  }
  addForm(app, deps, proposalDeeds.approve, {
    ...{
      path: '/lines/groups/:group/approve',
      summary: 'Approves a proposed change of a group, and makes it',
    },
    answer: ({ warnings }, { group }, request) => done.leadTo(request, addressOf(group), warnings),
    refused: (error, { group, comment }, request) => refused(error, group, request, comment),
  })
  addForm(app, deps, proposalDeeds.refuse, {
    ...{ path: '/lines/groups/:group/refuse', summary: 'Rejects a proposed change of a group' },
    answer: (_done, { group }) => Answer.seeOther(addressOf(group)),
    refused: (error, { group, comment }, request) => refused(error, group, request, comment),
  })
  addForm(app, deps, proposalDeeds.withdraw, {
    ...{ path: '/lines/groups/:group/withdraw', summary: 'Withdraws a proposed change of a group' },
    answer: (_done, { group }) => Answer.seeOther(addressOf(group)),
  })
}

/** The page of all groups. @param typed an invalid name of a group, and the fault */
async function listPage(
  deps: ConsoleDeps,
  request: Parameters<typeof pageFor>[0],
  typed?: { name: string; wrong: Message },
): Promise<Answer> {
  const groups = await listGroups(deps)
  const proposals = await openGroupProposals(deps.db)
  const names = namesOf(await listLines(deps))
  const mayChange = hasRight(request.actor!, 'line-group.set')
  return pageFor(request, ({ words, view }) => ({
    title: words.groups.title,
    section: 'lines',
    status: typed ? 422 : 200,
    body: <GroupList {...{ groups, names, proposals, words, view, mayChange, typed }} />,
  }))
}

/** The present effect of a proposed change, or why it cannot be made any more. */
async function proposedChange(
  deps: ConsoleDeps,
  { name, fields, outdated }: GroupProposal,
): Promise<ProposedChange> {
  if (outdated) return { outdated }
  try {
    return { preview: await previewGroup(deps, { name, input: fields }) }
  } catch (error) {
    if (codeOf(error) !== 'policy.invalid') throw error
    return { fault: errorText(error) }
  }
}

/** Finds a group, or makes an empty one. @throws AppError `request.invalid` for the name */
const groupOrNew = (deps: ConsoleDeps, name: string): Promise<GroupView> =>
  readGroup(deps, name).catch((error: unknown): GroupView => {
    if (codeOf(error) !== 'not-found') throw error
    checkGroupName(name)
    return { name, version: 0, fields: {}, lines: [], versions: [] }
  })

/** The page of one group. @param noted the warnings of a change just made */
async function groupPage(
  deps: ConsoleDeps,
  request: Parameters<typeof pageFor>[0],
  name: string,
  { status, ...typed }: ShownWithGroup = {},
  noted: readonly Message[] = [],
): Promise<Answer> {
  const mayChange = hasRight(request.actor!, 'line-group.set')
  const proposal = await openProposal(deps.db, name)
  const group = mayChange || proposal ? await groupOrNew(deps, name) : await readGroup(deps, name)
  const names = new Set<string>()
  for (const language of languages())
    for (const prompt of (await spokenWords(deps, language)).keys()) names.add(prompt)
  const prompts = [...names].sort()
  const approval = isApprovalRequired(deps.config)
  const proposed = proposal && (await proposedChange(deps, proposal))
  const refused = await refusedProposal(deps.db, name)
  const lineNames = namesOf(await listLines(deps))
  const visitor = request.actor!.name
  return pageFor(request, ({ words, view }) => ({
    title: words.groups.group(name),
    section: 'lines',
    scripts: mayChange ? ['check-field.js'] : [],
    status: status ?? (typed.fault ? 422 : 200),
    body: (
      <GroupContent
        {...{
          group,
          lineNames,
          prompts,
          words,
          view,
          mayChange,
          approval,
          proposal,
          proposed,
          refused,
          visitor,
        }}
        {...typed}
        done={noted}
      />
    ),
  }))
}

/** The values that the form repeats. Invalid JSON is refused like invalid fields. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
