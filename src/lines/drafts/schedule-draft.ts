import { requireRight } from '../../accounts/deeds.js'
import type { Actor } from '../../core/actor.js'
import { DAY_MS } from '../../core/clock.js'
import { AppError } from '../../core/errors.js'
import { event } from '../../core/events.js'
import { appendIn } from '../../journal/write/append-in.js'
import { updateDraft } from '../draft-rows.js'
import { requireApproved } from './approve-draft.js'
import { type DraftDeps, requireDraft, requireState, type SeenDraft, stepOf, withDraft } from './draft.js'
import { requireOnBase } from './publish-draft.js'
import { requireChange } from './require-change.js'
import { type DraftView, requireValid, showDraft } from './show-draft.js'

/** How far ahead a draft can be scheduled, ms: a year, against typing errors. */
const MAX_AHEAD_MS = 366 * DAY_MS

/**
 * Schedules a draft. The service publishes it at this time, whether or not the console runs.
 *
 * @param request the draft, the revision that the actor has seen, and when to publish it
 * @throws AppError `not-found`; `request.conflict` if the actor has not seen the present revision, or the line has changed since the
 *   draft was begun; `request.invalid` for a time in the past or more than a year ahead; `policy.invalid`, `approval.required`,
 *   `journal.refused`; the errors of the database
 */
export async function scheduleDraft(
  deps: DraftDeps,
  actor: Actor,
  { publishAt, ...seen }: SeenDraft & { publishAt: Date },
): Promise<DraftView> {
  requireRight(actor, 'draft.schedule')
  const { config, clock } = deps
  await withDraft(deps, seen, async (trx, draft) => {
    requireState(
      draft,
      ['open', 'awaiting-approval', 'approved'],
      'Cancel its schedule to give it another time.',
    )
    requireAhead(publishAt, clock.now())
    const { line, read } = await requireValid(deps, trx, draft)
    requireApproved(config, draft, line)
    await requireOnBase(trx, draft)
    await requireChange(trx, draft, read)
    const scheduled = { at: publishAt, by: actor.name, way: actor.way }
    await updateDraft(trx, draft.id, { state: 'scheduled', scheduled, failure: null })
    const data = { ...stepOf(actor, draft), publishAt: publishAt.toISOString() }
    await appendIn(trx, [event('line.scheduled', null, clock.now(), data)])
  })
  return showDraft(deps, await requireDraft(deps.db, seen.draft))
}

function requireAhead(publishAt: Date, now: number): void {
  const ahead = publishAt.getTime() - now
  if (ahead > 0 && ahead <= MAX_AHEAD_MS) return
  throw new AppError(
    'request.invalid',
    ahead > 0
      ? 'The time lies more than a year ahead.'
      : 'The time lies in the past. To publish at once, press Publish, or give the command no time.',
  )
}

/**
 * Cancels the schedule of a draft. An approval stays.
 *
 * @throws AppError `not-found`; `request.conflict` if the draft is not scheduled, or was published meanwhile; the errors of
 *   the database
 */
export async function cancelSchedule(deps: DraftDeps, actor: Actor, seen: SeenDraft): Promise<DraftView> {
  requireRight(actor, 'draft.cancel-schedule')
  await withDraft(deps, seen, async (trx, draft) => {
    requireState(draft, ['scheduled'], 'Only the schedule of a scheduled draft is cancelled.')
    await updateDraft(trx, draft.id, { state: draft.approved ? 'approved' : 'open', scheduled: null })
    const data = { ...stepOf(actor, draft), publishAt: draft.scheduled!.at.toISOString() }
    await appendIn(trx, [event('line.schedule-cancelled', null, deps.clock.now(), data)])
  })
  return showDraft(deps, await requireDraft(deps.db, seen.draft))
}
