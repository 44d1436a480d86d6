import { requireRight } from '../accounts/deeds.js'
import type { Actor, ActorWay } from '../core/actor.js'
import { AppError } from '../core/errors.js'
import { event } from '../core/events.js'
import type { ProposalId } from '../core/ids.js'
import { text } from '../core/message.js'
import type { Db } from '../db/database.js'
import { appendIn } from '../journal/write/append-in.js'
import { commentOf, reasonOf, requireSecondPerson } from './approval.js'
import type { ChangeLinesDeps } from './change-lines.js'
import { groupVersions } from './group-rows.js'
import { applyGroup, type ChangedGroup, type GroupRequest, previewGroup } from './groups.js'
import { groupDifferences } from './inherit.js'
import type { Difference } from './line-differences.js'
import {
  addProposal,
  endProposal,
  lastRefused,
  openProposals,
  type Proposal,
  type ProposalDecision,
  type Refusal,
  requireProposal,
  type SeenProposal,
} from './proposals.js'
import { lockLines } from './save-lines.js'
import type { GroupFields } from './validate.js'

export type { SeenProposal } from './proposals.js'

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
  return (await openGroupProposals(db, name))[0]
}

/** Lists open proposals by group: those of one name, or all. */
export async function openGroupProposals(db: Db, only?: string): Promise<GroupProposal[]> {
  const all: GroupProposal[] = []
  for (const proposal of await openProposals<GroupFields>(db, KIND, only))
    all.push(await shownProposal(db, proposal))
  return all
}

/** A proposed change that a second person has rejected. */
export interface RefusedProposal extends GroupProposal {
  refused: Refusal
}

/** Finds the last proposal of a group if it was rejected and the group has not changed since. */
export async function refusedProposal(db: Db, name: string): Promise<RefusedProposal | undefined> {
  const last = await lastRefused<GroupFields>(db, KIND, name)
  if (!last) return undefined
  const shown = await shownProposal(db, last)
  return shown.outdated ? undefined : { ...shown, refused: last.refused }
}

const KIND = 'line-group'

async function shownProposal(
  db: Db,
  { id, name, base, change: fields, by, way, at }: Proposal<GroupFields>,
): Promise<GroupProposal> {
  const versions = await groupVersions(db, name)
  const former = versions.find(({ version }) => version === base)?.fields ?? {}
  const outdated = (versions[0]?.version ?? 0) !== base
  return { id, name, base, fields, by, way, at, outdated, changes: groupDifferences(former, fields) }
}

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
  const at = clock.now()
  return db.transaction().execute(async trx => {
    await lockLines(trx)
    const [last] = await groupVersions(trx, name)
    const base = last?.version ?? 0
    if (seen !== undefined && seen !== base) throw changedMeanwhile(name)
    const made = await addProposal(trx, actor, { kind: KIND, name, base, change: fields, at })
    const { id, by, way } = made
    const data = { by, way, proposal: id, name, base, fields }
    await appendIn(trx, [event('line.group-proposed', null, at, data)])
    const changes = groupDifferences(last?.inForce ? last.fields : {}, fields)
    return { id, name, base, fields, by, way, at: made.at, outdated: false, changes }
  })
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
      check: trx => requireProposal(trx, KIND, seen),
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
  const { id, name } = await requireProposal(db, KIND, seen)
  const at = clock.now()
  await db.transaction().execute(async trx => {
    await lockLines(trx)
    await endProposal(trx, seen, { ended_at: new Date(at) })
    const data = { by, way, proposal: id, name }
    await appendIn(trx, [event('line.group-proposal-withdrawn', null, at, data)])
  })
}

/** Refuses the person who proposed the change. @throws AppError `not-found`, `approval.required` */
async function requireOthersProposal(db: Db, { name }: Actor, seen: SeenProposal): Promise<GroupProposal> {
  const proposal = await requireProposal<GroupFields>(db, KIND, seen)
  await requireSecondPerson(db, name, [proposal])
  return shownProposal(db, proposal)
}

const changedMeanwhile = (name: string) =>
  new AppError(
    'request.conflict',
    text`Somebody has changed the group ${name} meanwhile. Check it again before you continue.`,
  )
