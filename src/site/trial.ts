import type { Deps } from '../accounts/deps.js'
import type { Actor } from '../core/actor.js'
import { event } from '../core/events.js'
import type { Db } from '../db/database.js'
import { setTrial, trialSetting } from '../db/installation.js'
import { appendIn } from '../journal/write/append-in.js'

/** True for a trial installation: only there may lines whose prompts name the example company come into force. */
export const isTrial = ({ db }: { db: Db }): Promise<boolean> => trialSetting(db)

/** Sets whether the installation is a trial. @throws AppError `journal.refused`; the errors of the database */
export async function changeTrial(
  { db, clock }: Pick<Deps, 'db' | 'clock'>,
  { name: by, way }: Actor,
  trial: boolean,
): Promise<void> {
  await db.transaction().execute(async trx => {
    if ((await trialSetting(trx, 'to change')) === trial) return
    await setTrial(trx, trial)
    await appendIn(trx, [event('company.trial-changed', null, clock.now(), { trial, by, way })])
  })
}
