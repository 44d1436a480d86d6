import { requireRight } from '../../accounts/deeds.js'
import type { Deps, DepsWith } from '../../accounts/deps.js'
import type { Actor } from '../../core/actor.js'
import { dayCheckOf } from './day-check.js'
import { rewritePersonalTables } from './rewrite-personal-tables.js'
import { type PurgeReport, previewPurge as preview, runPurge } from './run-purge.js'

export type { PurgeReport } from './run-purge.js'

/** Options of one purge. */
export interface PurgeRequest {
  /** Destroys recordings that are due at this moment, ms since the epoch. By default now. */
  at?: number | undefined
  /** Enters due recordings that were found in no store into an act of their own, because they are lost for good. */
  lost: boolean
  /** The actor confirms that the machine's clock is right, although the journal has no events just before the current time. */
  clockChecked: boolean
  /** Called with the number of recordings destroyed so far, and of all that are due. */
  progress?: (done: number, of: number) => void
}

/**
 * Destroys data past its retention, see `runPurge`, and removes the erased data from the database's files.
 *
 * @returns undefined if another purge or a key rotation is running
 * @throws AppError `config.invalid` for a moment in the future; `clock.doubtful`; `journal.*`, `db.unavailable`
 */
export async function purge(
  deps: Deps,
  actor: Actor,
  request: PurgeRequest,
): Promise<PurgeReport | undefined> {
  requireRight(actor, 'purge.run')
  const { name: by } = actor
  const { clock, config } = deps
  const { at = clock.now(), ...options } = request
  const { personalDays } = config
  const purged = await runPurge({ ...deps, day: dayCheckOf(deps), personalDays }, { ...options, at, by })
  if (purged) await rewritePersonalTables(deps)
  return purged
}

/** Previews a purge. @param at ms since the epoch, by default now */
export const previewPurge = (
  { db, clock, config }: DepsWith<'db' | 'clock', 'personalDays'>,
  at = clock.now(),
): Promise<PurgeReport> => preview(db, { at, personalDays: config.personalDays })
