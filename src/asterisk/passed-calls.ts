import type { PassedCall } from '../call/ports.js'
import { fieldsOf, keptArrival, textOf } from './ari-events.js'
import type { AriTransport } from './transport/ari-transport.js'

/** Number of global variables that consentry.conf uses in turn for such calls. */
const PLACES = 500
/** Most of them that are read at once. */
const AT_ONCE = 8

/**
 * The latest calls that passed unasked because the application was away, as consentry.conf keeps them in global variables.
 *
 * @throws AppError `pbx.*`
 */
export async function readPassedCalls(ari: AriTransport, app: string): Promise<PassedCall[]> {
  const places = Array.from({ length: PLACES }, (_, place) => place)
  const found: PassedCall[] = []
  const read = async (): Promise<void> => {
    for (let place = places.pop(); place !== undefined; place = places.pop()) {
      const variable = `CONSENTRY_PASSED_${app}_${place}`
      const answer = await ari.request('asterisk', 'getGlobalVar', { variable })
      const kept = keptArrival(textOf(fieldsOf(answer)['value']))
      if (kept) found.push(kept)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, read))
  return found
}
