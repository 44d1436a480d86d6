import { collectPerson, type PersonFound } from '../../rights/collect-person.js'
import type { Actor } from '../../shared/actor.js'
import { event } from '../../shared/events.js'
import { meantNumber } from '../check-number.js'
import { CONFIRM_MS, type Deps, type JournalledDeps } from '../deps.js'

export type { PersonFound } from '../../rights/collect-person.js'

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
