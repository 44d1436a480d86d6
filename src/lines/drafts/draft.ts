import { text } from '../../core/message.js'
/*
 * Drafts of lines. A draft is typed, checked, approved and published. Each step names the revision that its actor has
 * seen. Its event and the change of the draft are committed together.
 */

import { createHash } from 'node:crypto'
import type { Deps, JournalledDeps } from '../../accounts/deps.js'
import type { Actor } from '../../core/actor.js'
import { AppError } from '../../core/errors.js'
import { type DraftId, isUuid } from '../../core/ids.js'
import type { Db } from '../../db/database.js'
import { takeTurn } from '../../db/locks.js'
import { canonical } from '../../lib/canonical-json.js'
import { type Draft, findDraft, UNFINISHED } from '../draft-rows.js'

/** What checking and publishing a draft needs. */
export type DraftDeps = Pick<Deps, 'config' | 'db' | 'journal' | 'clock' | 'store' | 'keyStore'>

/** A draft, and its revision that an actor has seen. */
export interface SeenDraft {
  /** Its id. */
  draft: string
  revision: number
}

/** @throws AppError `not-found` */
export async function requireDraft(db: Db, id: string): Promise<Draft> {
  const draft = isUuid(id) ? await findDraft(db, id as DraftId) : undefined
  if (draft) return draft
  throw new AppError(
    'not-found',
    'There is no draft with this id. consentry line draft list NUMBER lists them.',
  )
}

/**
 * Works on a draft whose present revision the actor has seen. A lock excludes all other changes of drafts meanwhile.
 *
 * @throws AppError `not-found`; `request.conflict` if it has another revision by now, or is published or discarded;
 *   what `work` throws
 */
export function withDraft<T>(
  { db }: Pick<JournalledDeps, 'db'>,
  { draft: id, revision }: SeenDraft,
  work: (trx: Db, draft: Draft) => Promise<T>,
): Promise<T> {
  return db.transaction().execute(async trx => {
    await takeTurn(trx, 'drafts')
    const draft = await requireDraft(trx, id)
    requireSeen(draft, revision)
    return work(trx, draft)
  })
}

/**
 * Requires that a draft still has the revision that an actor has seen.
 *
 * @throws AppError `request.conflict`, also if it is published or discarded
 */
export function requireSeen(draft: Draft, revision: number): void {
  requireUnfinished(draft)
  if (draft.revision !== revision)
    throw new AppError(
      'request.conflict',
      text`This draft was changed meanwhile by ${draft.changed.by}: it is revision ${draft.revision} now, not ${revision}. Check it again before you continue.`,
    )
}

function requireUnfinished({ state, line, publishedVersion }: Draft): void {
  if (UNFINISHED.some(one => one === state)) return
  throw new AppError(
    'request.conflict',
    state === 'published'
      ? text`This draft is published as version ${publishedVersion ?? 0} of line ${line}. Begin another one.`
      : 'This draft is discarded. Begin another one.',
  )
}

/** Refuses a step that a draft's state does not allow. @param instead what to do instead, as a sentence */
export function requireState({ state }: Draft, allowed: readonly Draft['state'][], instead: string): void {
  if (!allowed.includes(state))
    throw new AppError('request.conflict', text`The draft is ${STATE_WORDS[state]}. ${instead}`)
}

const STATE_WORDS: Record<Draft['state'], string> = {
  open: 'open',
  'awaiting-approval': 'waiting for an approval',
  approved: 'approved',
  scheduled: 'scheduled',
  published: 'published',
  discarded: 'discarded',
}

/** The fields that all events of drafts share. */
export const stepOf = ({ name: by, way }: Pick<Actor, 'name' | 'way'>, { id, line, revision }: Draft) => ({
  ...{ by, way, draft: id, line, revision },
})

/** SHA-256 of the canonical JSON of a line, hex. With it the journal proves exactly what was approved. */
export const hashOf = (input: unknown): string => createHash('sha256').update(canonical(input)).digest('hex')
