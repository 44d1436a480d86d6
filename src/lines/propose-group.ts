import { requireRight } from '../accounts/deeds.js'
import type { Actor, ActorWay } from '../core/actor.js'
import { AppError } from '../core/errors.js'
import { event } from '../core/events.js'
import { type EventId, isUuid, newProposalId, type ProposalId } from '../core/ids.js'
import { text } from '../core/message.js'
import { withTyped } from '../core/typed-text.js'
import type { Db } from '../db/database.js'
import { appendIn } from '../journal/write/append-in.js'
import { commentOf, reasonOf, requireSecondPerson } from './approval.js'
import type { ChangeLinesDeps } from './change-lines.js'
import { groupVersions } from './group-rows.js'
import { applyGroup, type ChangedGroup, type GroupRequest, previewGroup } from './groups.js'
import { groupDifferences } from './inherit.js'
import type { Difference } from './line-differences.js'
import { lockLines } from './save-lines.js'
import type { GroupFields } from './validate.js'

/** A proposed change of a group that awaits approval. */
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
  /** True if the group has changed since. The proposal can then no longer be approved. */
  outdated: boolean
  /** The differences from the version that it changes. */
  changes: Difference[]
}

/** Finds the open proposal of a group, if any. */
export async function openProposal(db: Db, name: string): Promise<GroupProposal | undefined> {
  return (await openProposals(db, name))[0]
}

/** Lists open proposals by group: those of one name, or all. */
export async function openProposals(db: Db, only?: string): Promise<GroupProposal[]> {
  const rows = await proposals(db)
    .where('ended_at', 'is', null)
    .$if(only !== undefined, query => query.where('line_group_proposal.name', '=', only!))
    .orderBy('line_group_proposal.name')
    .execute()
  return rows.map(shownProposal)
}

/** A proposed change that a second person has rejected. */
export interface RefusedProposal extends GroupProposal {
  /** Who rejected it, and why. `at`: ISO 8601, UTC. */
  refused: { by: string; way: ActorWay; at: string; comment: string }
}

/** Finds the last proposal of a group if it was rejected and the group has not changed since. */
export async function refusedProposal(db: Db, name: string): Promise<RefusedProposal | undefined> {
  const row = await proposals(db)
    .leftJoin('event', 'event.uuid', 'refusal_event')
    .leftJoin('event_personal', 'event_personal.event', 'event.uuid')
    .select(['event.data as refusal', 'event.at as refused_at', 'event_personal.data as personal'])
    .where('line_group_proposal.name', '=', name)
    .orderBy('made_at', 'desc')
    .limit(1)
    .executeTakeFirst()
  if (!row?.refusal || !row.refused_at) return undefined
  const proposal = shownProposal(row)
  if (proposal.outdated) return undefined
  // Personal data erased from the event is absent here, too.
  const { by = '', way, comment = '' } = withTyped('line.group-proposal-refused', row.refusal, row.personal)
  return { ...proposal, refused: { by, way, comment, at: row.refused_at.toISOString() } }
}

const proposals = (db: Db) =>
  db
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

type ProposalRow = Awaited<ReturnType<ReturnType<typeof proposals>['execute']>>[number]

const shownProposal = ({ id, name, base, ...row }: ProposalRow): GroupProposal => ({
  ...{ id, name, base, fields: row.fields as GroupFields },
  ...{ by: row.made_by, way: row.made_way, at: row.made_at.toISOString() },
  outdated: (row.last ?? 0) !== base,
  changes: groupDifferences((row.former ?? {}) as GroupFields, row.fields as GroupFields),
})

/**
 * Proposes a change of a group, for a second person to approve. It replaces an open proposal of the group.
 *
 * @throws AppError as `previewGroup`; `request.conflict` if the group has another version than the actor has seen;
 *   `journal.refused`; the errors of the database
 */
export async function proposeGroup(
  deps: ChangeLinesDeps,
  actor: Actor,
  { name, input, seen }: GroupRequest,
): Promise<GroupProposal> {
  requireRight(actor, 'line-group.propose')
  const { db, clock } = deps
  const { fields } = await previewGroup(deps, { name, input })
  const [id, at] = [newProposalId(), clock.now()]
  return db.transaction().execute(async trx => {
    await lockLines(trx)
    const [last] = await groupVersions(trx, name)
    const base = last?.version ?? 0
    if (seen !== undefined && seen !== base) throw changedMeanwhile(name)
    await trx
      .updateTable('line_group_proposal')
      .set({ ended_at: new Date(at) })
      .where('name', '=', name)
      .where('ended_at', 'is', null)
      .execute()
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

/** A second person's decision about a proposed change. */
export interface ProposalDecision extends SeenProposal {
  /** As typed. */
  comment?: string | undefined
}

/**
 * Approves a proposed change and applies it: the group and its lines change at once, exactly as proposed.
 *
 * @param decision.comment the person's comment; may be empty
 * @throws AppError `person.required` for a program; `not-found`; `approval.required` for the person who proposed it,
 *   even by a token that they have added; `request.invalid` for a comment that cannot be stored; `request.conflict` if
 *   the group has changed since; as `changeGroup`
 */
export async function approveGroup(
  deps: ChangeLinesDeps,
  actor: Actor,
  { comment: typed = '', ...seen }: ProposalDecision,
): Promise<ChangedGroup> {
  requireRight(actor, 'line-group.approve')
  const comment = commentOf(typed)
  const { id, by, base, fields, outdated } = await requireOthersProposal(deps.db, actor, seen)
  const { name } = seen
  if (outdated)
    throw new AppError(
      'request.conflict',
      text`The group ${name} has changed since this was proposed, so it can no longer be approved. Withdraw it, or propose the change again.`,
    )
  return applyGroup(
    deps,
    actor,
    { name, input: fields, seen: base },
    {
      proposal: { id, by, ...(comment && { comment }) },
      // The check under the lock of lines refuses a proposal that was withdrawn or approved meanwhile. The event of the
      // change ends the proposal.
      check: trx => requireProposal(trx, seen),
    },
  )
}

/**
 * Rejects a proposed change with a comment. The proposal ends.
 *
 * @throws AppError `person.required`, `not-found`, `approval.required` as `approveGroup`; `request.invalid` for a
 *   comment that is empty or cannot be stored; `journal.refused`; the errors of the database
 */
export async function refuseProposal(
  { db, clock }: Pick<ChangeLinesDeps, 'db' | 'clock'>,
  actor: Actor,
  { comment: typed = '', ...seen }: ProposalDecision,
): Promise<void> {
  requireRight(actor, 'line-group.refuse')
  const comment = reasonOf(typed)
  const { id: proposal, name } = await requireOthersProposal(db, actor, seen)
  const { name: by, way } = actor
  const refused = event('line.group-proposal-refused', null, clock.now(), {
    by,
    way,
    proposal,
    name,
    comment,
  })
  await db.transaction().execute(async trx => {
    await lockLines(trx)
    await endProposal(trx, seen, { ended_at: new Date(refused.at), refusal_event: refused.id })
    await appendIn(trx, [refused])
  })
}

/** Withdraws a proposed change. It stays in the journal. @throws AppError `not-found`; `journal.refused`; the errors of the database */
export async function withdrawProposal(
  { db, clock }: Pick<ChangeLinesDeps, 'db' | 'clock'>,
  actor: Actor,
  seen: SeenProposal,
): Promise<void> {
  requireRight(actor, 'line-group.withdraw')
  const { name: by, way } = actor
  const { id, name } = await requireProposal(db, seen)
  const at = clock.now()
  await db.transaction().execute(async trx => {
    await lockLines(trx)
    await endProposal(trx, seen, { ended_at: new Date(at) })
    const data = { by, way, proposal: id, name }
    await appendIn(trx, [event('line.group-proposal-withdrawn', null, at, data)])
  })
}

async function requireProposal(db: Db, { name, proposal }: SeenProposal): Promise<GroupProposal> {
  const found = isUuid(proposal) ? await openProposal(db, name) : undefined
  if (found?.id === proposal) return found
  throw noSuchProposal()
}

/** Refuses the person who proposed the change. @throws AppError `not-found`, `approval.required` */
async function requireOthersProposal(db: Db, { name }: Actor, seen: SeenProposal): Promise<GroupProposal> {
  const proposal = await requireProposal(db, seen)
  await requireSecondPerson(db, name, [proposal])
  return proposal
}

type Ended = { ended_at: Date; refusal_event?: EventId }

/** Ends an open proposal. @throws AppError `not-found` if it is not open any more */
async function endProposal(trx: Db, { proposal }: SeenProposal, ended: Ended): Promise<void> {
  const waiting = trx.updateTable('line_group_proposal').set(ended).where('ended_at', 'is', null)
  const rows = await waiting
    .where('id', '=', proposal as ProposalId)
    .returning('id')
    .execute()
  if (rows.length === 0) throw noSuchProposal()
}

const noSuchProposal = () =>
  new AppError('not-found', 'This change does not wait any more: it was approved, withdrawn or replaced.')
const changedMeanwhile = (name: string) =>
  new AppError(
    'request.conflict',
    text`Somebody has changed the group ${name} meanwhile. Check it again before you continue.`,
  )
