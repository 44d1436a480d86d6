import type { Client } from 'ari-client'
import { systemClock } from '../../core/clock.js'
import { AppError } from '../../core/errors.js'
import { withDeadline } from '../../lib/deadline.js'

/** Longest time for one ARI operation, ms. On loopback it takes 2-5 ms; beyond this the PBX is in trouble. */
const REST_TIMEOUT_MS = 2_000

/** An operation that ari-client generated. Its result is the parsed body, or an empty text if there is none. */
type Generated = (args: object) => PromiseLike<unknown>

/** Calls one ARI operation, see `AriTransport.request`. ari-client itself has no timeout. */
export async function callOperation(
  client: Client,
  resource: string,
  operation: string,
  args: object,
): Promise<unknown> {
  const what = `${resource}.${operation}`
  const call = (client as unknown as Record<string, Record<string, Generated>>)[resource]?.[operation]
  if (!call) throw new AppError('pbx.refused', `this PBX has no ARI operation ${what}`)
  const late = () => new AppError('pbx.timeout', `ARI ${what} did not answer`, { retryable: true })
  const answered = Promise.resolve(call(args))
  const answer = await withDeadline(answered, { clock: systemClock, ms: REST_TIMEOUT_MS, error: late })
  return answer === '' ? undefined : answer
}
