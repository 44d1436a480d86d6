// Changes that wait for a second person, of groups of lines and of prompts: one open change each, which is approved,
// rejected, withdrawn or replaced. What a change does, its room knows.

import type { Actor, ActorWay } from '../core/actor.js'
import { AppError } from '../core/errors.js'
import { type EventId, isUuid, newProposalId, type ProposalId } from '../core/ids.js'
import { withTyped } from '../core/typed-text.js'
import type { Db } from '../db/database.js'
import type { ProposalKind } from '../db/tables.js'

/** A proposed change. */
export interface Proposal<Change = unknown> {
  id: ProposalId
  name: string
  /** The version in force that it changes. 0: there is none that was made here. */
  base: number
  change: Change
  by: string
  way: ActorWay
  /** ISO 8601, UTC. */
  at: string
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

/** The rejection of a proposed change. `at`: ISO 8601, UTC. */
export interface Refusal {
  by: string
  way: ActorWay
  at: string
  comment: string
}

/** Lists the open proposals of a kind by name: of one name, or all. */
export async function openProposals<Change>(
  db: Db,
  kind: ProposalKind,
  only?: string,
): Promise<Proposal<Change>[]> {
  const rows = await ofKind(db, kind)
    .where('ended_at', 'is', null)
    .$if(only !== undefined, query => query.where('name', '=', only!))
    .orderBy('name')
    .execute()
  return rows.map(shownProposal<Change>)
}

/** Finds the last proposal of a name with its rejection. Undefined if it was not rejected. */
export async function lastRefused<Change>(
  db: Db,
  kind: ProposalKind,
  name: string,
): Promise<(Proposal<Change> & { refused: Refusal }) | undefined> {
  const row = await ofKind(db, kind)
    .leftJoin('event', 'event.uuid', 'refusal_event')
    .leftJoin('event_personal', 'event_personal.event', 'event.uuid')
    .select(['event.data as refusal', 'event.at as refused_at', 'event_personal.data as personal'])
    .where('name', '=', name)
    .orderBy('made_at', 'desc')
    .limit(1)
    .executeTakeFirst()
  if (!row?.refusal || !row.refused_at) return undefined
  const type = kind === 'prompt' ? 'prompt.proposal-refused' : 'line.group-proposal-refused'
  // Personal data erased from the event is absent here, too.
  const { by = '', way, comment = '' } = withTyped(type, row.refusal, row.personal)
  return { ...shownProposal<Change>(row), refused: { by, way, comment, at: row.refused_at.toISOString() } }
}

const ofKind = (db: Db, kind: ProposalKind) =>
  db
    .selectFrom('proposal')
    .select(['proposal.id', 'name', 'base', 'change', 'made_by', 'made_way', 'made_at'])
    .where('kind', '=', kind)

type ProposalRow = Awaited<ReturnType<ReturnType<typeof ofKind>['execute']>>[number]

const shownProposal = <Change>({ id, name, base, change, ...row }: ProposalRow): Proposal<Change> => ({
  ...{ id, name, base, change: change as Change },
  ...{ by: row.made_by, way: row.made_way, at: row.made_at.toISOString() },
})

/** Adds a proposal, which replaces an open one of the same name. @param wanted.at ms since the epoch */
export async function addProposal<Change>(
  trx: Db,
  actor: Pick<Actor, 'name' | 'way'>,
  {
    kind,
    name,
    base,
    change,
    at,
  }: Pick<Proposal<Change>, 'name' | 'base' | 'change'> & { kind: ProposalKind; at: number },
): Promise<Proposal<Change>> {
  const made = new Date(at)
  await trx
    .updateTable('proposal')
    .set({ ended_at: made })
    .where('kind', '=', kind)
    .where('name', '=', name)
    .where('ended_at', 'is', null)
    .execute()
  const id = newProposalId()
  const by = { made_at: made, made_by: actor.name, made_way: actor.way }
  await trx
    .insertInto('proposal')
    .values({ id, kind, name, base, change: JSON.stringify(change), ...by })
    .execute()
  return { id, name, base, change, by: actor.name, way: actor.way, at: made.toISOString() }
}

/** Finds an open proposal that an actor has seen. @throws AppError `not-found` if it is not open any more */
export async function requireProposal<Change>(
  db: Db,
  kind: ProposalKind,
  { name, proposal }: SeenProposal,
): Promise<Proposal<Change>> {
  const [found] = isUuid(proposal) ? await openProposals<Change>(db, kind, name) : []
  if (found?.id === proposal) return found
  throw noSuchProposal()
}

/** Ends an open proposal. @throws AppError `not-found` if it is not open any more */
export async function endProposal(
  trx: Db,
  { proposal }: Pick<SeenProposal, 'proposal'>,
  ended: { ended_at: Date; refusal_event?: EventId },
): Promise<void> {
  const rows = await trx
    .updateTable('proposal')
    .set(ended)
    .where('ended_at', 'is', null)
    .where('id', '=', proposal as ProposalId)
    .returning('id')
    .execute()
  if (rows.length === 0) throw noSuchProposal()
}

const noSuchProposal = () =>
  new AppError('not-found', 'This change does not wait any more: it was approved, withdrawn or replaced.')
