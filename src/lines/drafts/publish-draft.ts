import { requireRight } from '../../accounts/deeds.js'
import type { Actor } from '../../core/actor.js'
import { AppError } from '../../core/errors.js'
import type { PublishedDraft } from '../../core/line-events.js'
import { type Message, text } from '../../core/message.js'
import type { LinePolicy } from '../../core/policy.js'
import type { Db } from '../../db/database.js'
import type { Draft } from '../draft-rows.js'
import { lineDifferences } from '../line-differences.js'
import { findLines, findVersion } from '../line-rows.js'
import { lockLines, saveUnderLock } from '../save-lines.js'
import { describeDifferences } from '../words/describe-differences.js'
import { requireApproved } from './approve-draft.js'
import { type DraftDeps, requireState, type SeenDraft, withDraft } from './draft.js'
import { requireChange } from './require-change.js'
import { requireValid } from './show-draft.js'

/** A published version. */
export interface PublishedLine {
  line: LinePolicy
  /** Messages that say why calls of this line cannot be recorded. */
  warnings: Message[]
}

/**
 * Publishes a draft: its line comes into force as the next version, for calls that begin later. The journal's `line.changed` names the
 * draft. Its projection adds the version and ends the draft in one transaction, so that a draft is published once.
 *
 * @throws AppError `not-found`; `request.conflict` if the actor has not seen the present revision, the draft is scheduled, or the line
 *   has changed since it was begun, with what changed; `policy.invalid`; `approval.required`; `journal.*`: it is not published, except
 *   after `journal.timeout`, when it may be
 */
export async function publishDraft(deps: DraftDeps, actor: Actor, seen: SeenDraft): Promise<PublishedLine> {
  requireRight(actor, 'draft.publish')
  return withDraft(deps, seen, (trx, draft) => {
    requireState(
      draft,
      ['open', 'awaiting-approval', 'approved'],
      'Cancel its schedule to publish it at once.',
    )
    return publishUnderLock(deps, trx, actor, draft)
  })
}

/**
 * Publishes a draft. The caller holds the lock on drafts, and has checked the actor's right.
 *
 * @param timed the scheduled time, and the delay since then
 * @throws AppError as `publishDraft`
 */
export async function publishUnderLock(
  deps: DraftDeps,
  trx: Db,
  actor: Actor,
  draft: Draft,
  timed: Pick<PublishedDraft, 'publishAt' | 'lateMs'> = {},
): Promise<PublishedLine> {
  await lockLines(trx)
  const { read, warnings } = await requireValid(deps, trx, draft)
  requireApproved(deps.config, draft, read.line)
  await requireOnBase(trx, draft)
  await requireChange(trx, draft, read)
  const { id, revision, approved } = draft
  const origin = { id, revision, ...(approved && { approvedBy: approved.by }), ...timed }
  const [line] = await saveUnderLock(trx, deps, actor, [{ ...read, draft: origin }])
  return { line: line!, warnings }
}

/**
 * Refuses a draft whose line has changed since the draft was begun.
 *
 * @throws AppError `request.conflict`, whose message lists the changes
 */
export async function requireOnBase(db: Db, { line, base }: Draft): Promise<void> {
  const [inForce] = await findLines(db, [line])
  if ((inForce?.version ?? 0) === base) return
  const before = await findVersion(db, line, base)
  const changes = before && inForce ? describeDifferences(lineDifferences(before, inForce), 'en') : []
  const now = inForce ? `version ${inForce.version} is in force` : 'it is not in force any more'
  throw new AppError(
    'request.conflict',
    text`Line ${line} has changed since this draft was begun on ${base === 0 ? 'no line' : `version ${base}`}: ${now}. Rebase the draft.${changes.map(change => `\n  ${change}`).join('')}`,
  )
}
