import { english } from '../../core/message.js'
import { type GroupPreview, previewGroup } from '../../lines/groups.js'
import { describeDifferences } from '../../lines/line-versions.js'
import {
  approveGroup,
  openGroupProposals,
  proposeGroup,
  refuseProposal,
  type SeenProposal,
  withdrawProposal,
} from '../../lines/propose-group.js'
import { actor } from '../actor.js'
import { print, type Request, text, UsageError } from '../command.js'
import type { NestedVerb } from '../nested.js'
import { table } from '../table.js'
import { withProject } from '../with-project.js'
import { printChanged, readFields, reasonIn } from './files.js'

/** The verbs of changes of groups that await approval. */
export const proposalVerbs: Record<string, NestedVerb> = {
  'group proposals': { does: 'Lists the changes that await a second person', usage: '', run: list },
  'group propose': {
    does: 'Proposes a change of a group, in place of one that waits',
    usage: 'NAME --file FILE [--by NAME]',
    run: propose,
  },
  'group approve': {
    does: 'Approves a change: the group and its lines change at once',
    usage: 'NAME --proposal ID [--comment TEXT] [--by NAME]',
    run: approve,
  },
  'group refuse': {
    does: 'Rejects a change; needs a comment',
    usage: 'NAME --proposal ID [--comment TEXT] [--by NAME]',
    run: refuse,
  },
  'group withdraw': { does: 'Withdraws a change', usage: 'NAME --proposal ID [--by NAME]', run: withdraw },
}

/** Options of these verbs. */
export const proposalOptions = { proposal: { type: 'string' } } as const

function seenBy(request: Request, name: string): SeenProposal {
  const proposal = text(request, 'proposal')
  if (proposal) return { name, proposal }
  throw new UsageError(
    'say which proposal you have seen: --proposal ID. line group proposals lists them, line group show NAME shows what one changes',
  )
}

async function propose(request: Request, name: string): Promise<number> {
  const input = await readFields(request)
  const by = actor(request)
  const { made, preview } = await withProject(async project => {
    const made = await proposeGroup(project, by, { name, input })
    return { made, preview: await previewGroup(project, { name, input: made.fields }) }
  })
  return print(
    request,
    made,
    `group ${name}: proposal ${made.id} awaits a second person\n${textOfPreview(preview)}`,
  )
}

async function list(request: Request): Promise<number> {
  const proposals = await withProject(({ db }) => openGroupProposals(db))
  return print(
    request,
    proposals,
    table(
      ['proposal', 'group', 'changes version', 'by', 'at'],
      proposals.map(({ id, name, base, by, at }) => [id, name, base === 0 ? 'new' : String(base), by, at]),
      'No change of a group awaits a second person.',
    ),
  )
}

async function approve(request: Request, name: string): Promise<number> {
  const seen = seenBy(request, name)
  const by = actor(request)
  const comment = text(request, 'comment')
  return printChanged(request, await withProject(project => approveGroup(project, by, { ...seen, comment })))
}

async function refuse(request: Request, name: string): Promise<number> {
  const seen = seenBy(request, name)
  const comment = reasonIn(request)
  const by = actor(request)
  await withProject(project => refuseProposal(project, by, { ...seen, comment }))
  return print(request, { refused: seen.proposal }, 'the proposal is rejected\n')
}

async function withdraw(request: Request, name: string): Promise<number> {
  const seen = seenBy(request, name)
  const by = actor(request)
  await withProject(project => withdrawProposal(project, by, seen))
  return print(request, { withdrawn: seen.proposal }, 'the proposal is withdrawn\n')
}

/** The effect of a change of a group, for a terminal. */
export function textOfPreview({ changes, lines, warnings }: GroupPreview): string {
  const effect = [
    ...changes.map(({ field, before, after }) => `  ${field}: ${shown(before)} → ${shown(after)}`),
    ...lines.flatMap(({ number, changes: ofLine }) => [
      `line ${number}:`,
      ...describeDifferences(ofLine, 'en').map(change => `  ${change}`),
    ]),
    ...(lines.length === 0 ? ['No line would change.'] : []),
    ...warnings.map(warning => `warning: ${english(warning)}`),
  ]
  return `${effect.join('\n')}\n`
}

const shown = (value: unknown): string => (value === undefined ? 'each line states it' : String(value))
