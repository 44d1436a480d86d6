import type { Db } from '../../db/database.js'
import { appendIn } from '../../journal/write/append-in.js'
import { groupVersions } from '../../policy/group-rows.js'
import { groupDifferences } from '../../policy/inherit.js'
import type { Difference } from '../../policy/line-differences.js'
import type { GroupFields } from '../../policy/validate.js'
import type { Actor, ActorWay } from '../../shared/actor.js'
import { AppError } from '../../shared/errors.js'
import { event } from '../../shared/events.js'
import { isUuid, newProposalId, type ProposalId } from '../../shared/ids.js'
import { requirePerson } from '../people/deps.js'
import { isBehind } from './approval.js'
import type { ChangeLinesDeps } from './change-lines.js'
import { applyGroup, type ChangedGroup, type GroupRequest, previewGroup } from './groups.js'
import { lockLines } from './save-lines.js'

/** A change of a group that waits for a second person. */
export interface GroupProposal {
  id: ProposalId
  name: string
  /** The version of the group that it changes; 0: a new group. */
  base: number
  fields: GroupFields
  by: string
  way: ActorWay
  /** ISO 8601, UTC. */
  at: string
  /** Whether the group has changed since, so that nobody can approve it any more. */
  outdated: boolean
  /** In what it differs from the version that it changes. */
  changes: Difference[]
}

/** The change of a group that waits. Undefined: none. */
export async function openProposal(db: Db, name: string): Promise<GroupProposal | undefined> {
  return (await openProposals(db, name))[0]
}

/** The changes of groups that wait, by group: those of one name, or all. */
export async function openProposals(db: Db, only?: string): Promise<GroupProposal[]> {
  const rows = await db
    .selectFrom('line_group_proposal')
    .leftJoin('line_group as base_group', join =>
      join.onRef('base_group.name', '=', 'line_group_proposal.name').onRef('version', '=', 'base'),
    )
    .select(['line_group_proposal.id', 'line_group_proposal.name', 'base', 'line_group_proposal.fields'])
    .select(['made_by', 'made_way', 'made_at', 'base_group.fields as former'])
    .select(({ selectFrom }) =>
      selectFrom('line_group as any_group')
        .select(({ fn }) => fn.max('any_group.version').as('last'))
        .whereRef('any_group.name', '=', 'line_group_proposal.name')
        .as('last'),
    )
    .where('ended_at', 'is', null)
    .$if(only !== undefined, query => query.where('line_group_proposal.name', '=', only!))
    .orderBy('line_group_proposal.name')
    .execute()
  return rows.map(({ id, name, base, fields, made_by: by, made_way: way, made_at, former, last }) => ({
    ...{ id, name, base, fields: fields as GroupFields, by, way, at: made_at.toISOString() },
    outdated: (last ?? 0) !== base,
    changes: groupDifferences((former ?? {}) as GroupFields, fields as GroupFields),
  }))
}

/**
 * Proposes a change of a group, for a second person to approve. One that waits already is replaced.
 *
 * @throws AppError as `previewGroup`; `request.conflict` if the group has another version than the actor has seen;
 *   `journal.refused`; the errors of the database
 */
export async function proposeGroup(
  deps: ChangeLinesDeps,
  actor: Actor,
  { name, input, seen }: GroupRequest,
): Promise<GroupProposal> {
  const { db, clock } = deps
  const { fields } = await previewGroup(deps, { name, input })
  const [id, at] = [newProposalId(), clock.now()]
  return db.transaction().execute(async trx => {
    await lockLines(trx)
    const [last] = await groupVersions(trx, name)
    const base = last?.version ?? 0
    if (seen !== undefined && seen !== base) throw changedMeanwhile(name)
    await end(trx, name, at)
    const made = { made_at: new Date(at), made_by: actor.name, made_way: actor.way }
    const row = { id, name, base, fields: JSON.stringify(fields), ...made }
    await trx.insertInto('line_group_proposal').values(row).execute()
    const data = { by: actor.name, way: actor.way, proposal: id, name, base, fields }
    await appendIn(trx, [event('line.group-proposed', null, at, data)])
    const changes = groupDifferences(last?.inForce ? last.fields : {}, fields)
    const shown = { id, name, base, fields, by: actor.name, way: actor.way, at: new Date(at).toISOString() }
    return { ...shown, outdated: false, changes }
  })
}

/** A proposal, as an actor has seen it. */
export interface SeenProposal {
  name: string
  proposal: string
}

/**
 * Approves a proposed change, and makes it: the group and its lines change at once. What comes into force is what was proposed.
 *
 * @throws AppError `person.required` for a program; `not-found`; `approval.required` for whoever proposed it, also by a token that they have added; `request.conflict` if the group has changed since; as
 *   `changeGroup`
 */
export async function approveGroup(
  deps: ChangeLinesDeps,
  actor: Actor,
  seen: SeenProposal,
): Promise<ChangedGroup> {
  requirePerson(actor)
  const { id, by, way, base, fields, outdated } = await requireProposal(deps.db, seen)
  const behind = await isBehind(deps.db, actor.name, { by, way })
  if (behind)
    throw new AppError(
      'approval.required',
      behind === 'self'
        ? `This change was proposed by ${by}: somebody else must approve it.`
        : `This change was proposed with the token ${by}, which you have added: somebody else must approve it.`,
    )
  const { name } = seen
  if (outdated)
    throw new AppError(
      'request.conflict',
      `The group ${name} has changed since this was proposed, so nobody can approve it any more. Withdraw it, or propose the change anew.`,
    )
  return applyGroup(
    deps,
    actor,
    { name, input: fields, seen: base },
    {
      proposal: { id, by },
      // Under the lock of lines, so that a change that was withdrawn or approved meanwhile is not made. The event of the change ends it.
      check: trx => requireProposal(trx, seen),
    },
  )
}

/** Withdraws a proposed change. It stays in the journal. @throws AppError `not-found`; `journal.refused`; the errors of the database */
export async function withdrawProposal(
  { db, clock }: Pick<ChangeLinesDeps, 'db' | 'clock'>,
  { name: by, way }: Actor,
  seen: SeenProposal,
): Promise<void> {
  const { id, name } = await requireProposal(db, seen)
  const at = clock.now()
  await db.transaction().execute(async trx => {
    await lockLines(trx)
    if ((await end(trx, name, at, id)) === 0) throw noSuchProposal()
    const data = { by, way, proposal: id, name }
    await appendIn(trx, [event('line.group-proposal-withdrawn', null, at, data)])
  })
}

async function requireProposal(db: Db, { name, proposal }: SeenProposal): Promise<GroupProposal> {
  const found = isUuid(proposal) ? await openProposal(db, name) : undefined
  if (found?.id === proposal) return found
  throw noSuchProposal()
}

/** Ends what waits. @returns how many */
async function end(trx: Db, name: string, at: number, only?: ProposalId): Promise<number> {
  let query = trx
    .updateTable('line_group_proposal')
    .set({ ended_at: new Date(at) })
    .where('name', '=', name)
    .where('ended_at', 'is', null)
  if (only) query = query.where('id', '=', only)
  return (await query.returning('id').execute()).length
}

const noSuchProposal = () =>
  new AppError('not-found', 'This change does not wait any more: it was approved, withdrawn or replaced.')
const changedMeanwhile = (name: string) =>
  new AppError(
    'request.conflict',
    `Somebody has changed the group ${name} meanwhile. Look at it again before you go on.`,
  )
