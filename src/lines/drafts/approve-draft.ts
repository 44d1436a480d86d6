import { requireRight } from '../../accounts/deeds.js'
import type { Actor } from '../../core/actor.js'
import { AppError } from '../../core/errors.js'
import { event } from '../../core/events.js'
import { text } from '../../core/message.js'
import type { Db } from '../../db/database.js'
import { appendIn } from '../../journal/write/append-in.js'
import { commentOf, isApprovalRequired, isChanger, reasonOf, requireSecondPerson } from '../approval.js'
import { type Draft, updateDraft } from '../draft-rows.js'
import type { Line } from '../validate.js'
import {
  type DraftDeps,
  hashOf,
  requireDraft,
  requireState,
  type SeenDraft,
  stepOf,
  withDraft,
} from './draft.js'
import { requireChange } from './require-change.js'
import { type DraftView, requireValid, showDraft } from './show-draft.js'

/**
 * Requests a second person's approval of a draft.
 *
 * @throws AppError `not-found`; `request.conflict` if the actor has not seen the present revision, or the draft is past
 *   this step; `policy.invalid` if it has faults; `request.invalid` if it changes nothing; `journal.refused`; the
 *   errors of the database
 */
export async function requestApproval(deps: DraftDeps, actor: Actor, seen: SeenDraft): Promise<DraftView> {
  requireRight(actor, 'draft.request-approval')
  await withDraft(deps, seen, async (trx, draft) => {
    requireState(draft, ['open'], 'An approval is requested for an open draft.')
    const { read } = await requireValid(deps, trx, draft)
    await requireChange(trx, draft, read)
    await updateDraft(trx, draft.id, { state: 'awaiting-approval', refusal: null })
    const requested = event('line.approval-requested', null, deps.clock.now(), stepOf(actor, draft))
    await appendIn(trx, [requested])
  })
  return showDraft(deps, await requireDraft(deps.db, seen.draft))
}

/**
 * Approves a revision of a draft. Any later change voids the approval.
 *
 * @param decision.comment the person's comment; may be empty
 * @throws AppError as `requestApproval`; `person.required` for a program; `approval.required` for
 *   everybody who changed it, even by a token that they have added; `request.invalid` for a comment that cannot be stored
 */
export async function approveDraft(
  deps: DraftDeps,
  actor: Actor,
  { comment: typed = '', ...seen }: Decision,
): Promise<DraftView> {
  requireRight(actor, 'draft.approve')
  const comment = commentOf(typed)
  await withDraft(deps, seen, async (trx, draft) => {
    await requireWaiting(trx, actor, draft)
    const { line } = await requireValid(deps, trx, draft)
    const [at, hash] = [deps.clock.now(), hashOf(line)]
    const hashes = { hash: hashOf(draft.input), lineHash: hash }
    const data = { ...stepOf(actor, draft), ...hashes, ...(comment && { comment }) }
    const given = event('line.approved', null, at, data)
    const step = { by: actor.name, way: actor.way, at: new Date(at) }
    const approved = { ...step, revision: draft.revision, hash, event: given.id }
    await updateDraft(trx, draft.id, { state: 'approved', approved })
    await appendIn(trx, [given])
  })
  return showDraft(deps, await requireDraft(deps.db, seen.draft))
}

/**
 * Rejects a revision of a draft with a comment. The draft is open again.
 *
 * @throws AppError as `approveDraft`; `request.invalid` also without a comment
 */
export async function refuseDraft(
  deps: DraftDeps,
  actor: Actor,
  { comment: typed = '', ...seen }: Decision,
): Promise<DraftView> {
  requireRight(actor, 'draft.refuse')
  const comment = reasonOf(typed)
  await withDraft(deps, seen, async (trx, draft) => {
    await requireWaiting(trx, actor, draft)
    const data = { ...stepOf(actor, draft), comment }
    const refused = event('line.approval-refused', null, deps.clock.now(), data)
    await updateDraft(trx, draft.id, { state: 'open', refusal: refused.id })
    await appendIn(trx, [refused])
  })
  return showDraft(deps, await requireDraft(deps.db, seen.draft))
}

/** A second person's decision about a revision of a draft. */
export interface Decision extends SeenDraft {
  /** As typed. */
  comment?: string | undefined
}

/**
 * Requires a draft that awaits approval, and a person who did not change it.
 * @throws AppError `request.conflict`, `approval.required`
 */
async function requireWaiting(trx: Db, actor: Actor, draft: Draft): Promise<void> {
  requireState(draft, ['awaiting-approval'], 'Only a draft for which an approval was requested is approved.')
  await requireSecondPerson(trx, actor.name, draft.changers)
}

/**
 * Requires another person's approval of the draft's present revision, where the installation requires approvals. An
 * approval by a token does not count. The inherited fields must be those approved, too.
 *
 * @param line the draft's line, with its inherited fields
 * @throws AppError `approval.required`
 */
export function requireApproved(
  config: DraftDeps['config'],
  { approved, changers, line: number }: Draft,
  line: Line,
): void {
  if (!isApprovalRequired(config)) return
  if (!approved || approved.way === 'token' || isChanger(changers, approved.by))
    throw new AppError(
      'approval.required',
      text`Here a second person must approve a draft before it is published: request the approval, and let somebody who has not changed it give it.`,
    )
  if (approved.hash !== hashOf(line))
    throw new AppError(
      'approval.required',
      text`What line ${number} inherits from its group has changed since ${approved.by} approved the draft. Save it again, and request another approval.`,
    )
}
