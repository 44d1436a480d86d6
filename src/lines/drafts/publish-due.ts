import type { Deps } from '../../accounts/deps.js'
import type { Actor } from '../../core/actor.js'
import { AppError, codeOf, type ErrorCode } from '../../core/errors.js'
import { event } from '../../core/events.js'
import { appendIn } from '../../journal/write/append-in.js'
import type { DayCheck } from '../../recordings/retain/day-check.js'
import { type Draft, dueDrafts, nextDueAt, updateDraft } from '../draft-rows.js'
import { type DraftDeps, stepOf, withDraft } from './draft.js'
import { publishUnderLock } from './publish-draft.js'

/** The parts that the publication of scheduled drafts needs. */
export type PublishDueDeps = DraftDeps & Pick<Deps, 'log'> & { day: Pick<DayCheck, 'check'> }

/** Errors that every attempt would meet: a person must correct the draft. */
const LASTING: readonly ErrorCode[] = [
  'policy.invalid',
  'config.invalid',
  'approval.required',
  'request.conflict',
  'request.invalid',
]
/** Longest reason in the journal, characters. */
const MAX_REASON = 2_000

/**
 * Publishes the scheduled drafts that are due. Several services may do so at once: each draft is published once. A
 * draft that has become unpublishable stays as a draft without a schedule, with `line.publication-failed`. After a
 * temporary fault, such as a journal that is away, the draft stays scheduled. While the current time is uncertain,
 * drafts are not published.
 *
 * @returns when the next draft is due, ms since the epoch; undefined if none is scheduled
 * @throws the errors of the database
 */
export async function publishDue(deps: PublishDueDeps): Promise<number | undefined> {
  const { db, clock, log, day } = deps
  const due = await dueDrafts(db, clock.now())
  const doubt = due.length > 0 ? await day.check() : undefined
  if (doubt)
    log.error(
      { drafts: due.length, doubt: doubt.detail },
      'lines that are due are not published, because the current time is not certain: see doubt',
    )
  else for (const draft of due) await publishOne(deps, draft)
  return nextDueAt(db)
}

async function publishOne(deps: PublishDueDeps, { id, line, revision }: Draft): Promise<void> {
  const { log, clock } = deps
  try {
    await withDraft(deps, { draft: id, revision }, async (trx, draft) => {
      if (draft.state !== 'scheduled' || !draft.scheduled || draft.scheduled.at.getTime() > clock.now())
        return
      const { by, way, at } = draft.scheduled
      const actor: Actor = { name: by, way, roles: [] }
      const lateMs = Math.max(0, Math.round(clock.now() - at.getTime()))
      const timed = { publishAt: at.toISOString(), lateMs }
      try {
        const published = await publishUnderLock(deps, trx, actor, draft, timed)
        log.info(
          { line, version: published.line.version, draft: id, lateMs },
          'a scheduled draft is published',
        )
      } catch (error) {
        if (!isLasting(error)) throw error
        const failure = { at: new Date(clock.now()), reason: error.text }
        const data = {
          ...stepOf(actor, draft),
          publishAt: timed.publishAt,
          code: error.code,
          reason: error.message.slice(0, MAX_REASON),
        }
        await updateDraft(trx, id, { state: draft.approved ? 'approved' : 'open', scheduled: null, failure })
        await appendIn(trx, [event('line.publication-failed', null, clock.now(), data)])
        log.error(
          { line, draft: id, code: error.code },
          'a scheduled draft could not be published: consentry line draft show says why',
        )
      }
    })
  } catch (error) {
    // Another service has published it, or it was changed.
    if (codeOf(error) === 'request.conflict') return
    log.warn(
      { line, draft: id, code: codeOf(error) },
      'a scheduled draft is not published yet; it is tried again',
    )
  }
}

const isLasting = (error: unknown): error is AppError =>
  error instanceof AppError && LASTING.includes(error.code)
