import type { Client } from 'ari-client'
import { systemClock } from '../../shared/clock.js'
import { withDeadline } from '../../shared/deadline.js'
import { AppError } from '../../shared/errors.js'

/** Longest time for one ARI operation, ms. On loopback it takes 2-5 ms; beyond this the PBX is in trouble. */
const REST_TIMEOUT_MS = 2_000

interface Reply {
  status?: number
  data?: { toString(): string }
}
type Operation = (
  args: object,
  ok: (reply: Reply) => void,
  failed: (reply: Reply | undefined) => void,
) => unknown

/**
 * Calls one ARI operation, see `AriTransport.request`. ari-client's own wrapper is not used, because it loses the HTTP status, has
 * no timeout, and builds an object with every operation for each reply.
 */
export function callOperation(
  client: Client,
  resource: string,
  operation: string,
  args: object,
): Promise<unknown> {
  const apis = (client as unknown as { _swagger: { apis: Record<string, Record<string, Operation>> } })
    ._swagger.apis
  const call = apis[resource]?.[operation]
  if (!call)
    return Promise.reject(
      new AppError('pbx.refused', `this PBX has no ARI operation ${resource}.${operation}`),
    )
  const what = `${resource}.${operation}`
  const answered = new Promise<unknown>((resolve, reject) => {
    try {
      call(
        { ...args },
        reply => resolve(bodyOf(reply, what)),
        reply => reject(errorOf(reply?.status, what)),
      )
    } catch (cause) {
      reject(new AppError('pbx.refused', `ARI ${what} was not accepted`, { cause }))
    }
  })
  const late = () => new AppError('pbx.timeout', `ARI ${what} did not answer`, { retryable: true })
  return withDeadline(answered, { clock: systemClock, ms: REST_TIMEOUT_MS, error: late })
}

/** Parses the body. A proxy in front of the PBX may answer without JSON. */
async function bodyOf(reply: Reply | undefined, what: string): Promise<unknown> {
  const text = reply?.data?.toString() ?? ''
  try {
    return text ? JSON.parse(text) : undefined
  } catch (cause) {
    throw new AppError('pbx.refused', `the answer to ARI ${what} is not JSON`, { cause })
  }
}

function errorOf(status: number | undefined, what: string): AppError {
  const message = `ARI ${what} was answered with ${status || 'nothing'}`
  if (status === 404) return new AppError('pbx.gone', message, { endsCall: true })
  if (status === 409 || status === 412) return new AppError('pbx.conflict', message)
  if (!status) return new AppError('pbx.unavailable', message, { retryable: true })
  return new AppError('pbx.refused', message)
}
