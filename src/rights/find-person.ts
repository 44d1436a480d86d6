import { CONFIRM_MS, type Deps, type JournalledDeps } from '../accounts/deps.js'
import type { Actor } from '../core/actor.js'
import { event } from '../core/events.js'
import { meantNumber } from '../recordings/calls/check-number.js'
import { collectPerson, type PersonFound } from './collect-person.js'

export type { PersonFound } from './collect-person.js'

/**
 * Finds everything that is stored about one caller. The search is journalled before the result is returned.
 *
 * @param typed the caller's number, as the PBX gives it or as people write it
 * @throws AppError `request.invalid` for an empty number; `journal.*`, and the errors of the database
 */
export async function findPerson(
  deps: JournalledDeps & Pick<Deps, 'store'>,
  { name: by }: Actor,
  typed: string,
): Promise<PersonFound> {
  const { journal, clock, store } = deps
  const number = await meantNumber(deps.db, typed)
  const found = await collectPerson({ ...deps, locate: object => store.locate(object) }, number)
  const search = event('person.found', null, clock.now(), { by, calls: found.calls.length }, { number })
  await journal.append([search], CONFIRM_MS)
  return found
}
