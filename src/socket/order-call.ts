import type { DepsWith } from '../accounts/deps.js'
import { AppError, type ErrorCode } from '../core/errors.js'
import { requestOutgoing } from '../lib/process/outgoing.js'

/** Most bytes of its answer. */
const MAX_BYTES = 65_536
/** Longest wait for the running service, ms. It answers at once. */
const ANSWER_MS = 5_000

/** The error of each status with which the API refuses. */
const REFUSALS: Readonly<Record<number, ErrorCode>> = {
  401: 'config.invalid',
  404: 'not-found',
  409: 'request.conflict',
}

/**
 * Asks the running service to pause or resume the recordings of a call, or to ask its caller in the conversation. The
 * request goes over the API, which knows no persons. So `by` of `recording.paused` and of `consent.requested` is `api`.
 *
 * @returns the answer of the API
 * @throws AppError `config.invalid` without a token, or with another than the service's; `not-found` if the service has
 *   no such call; `request.conflict` if the state of the call does not allow it; `tool.failed` if the service does not
 *   answer, or fails
 */
export async function orderCall(
  { config: { http, apiToken } }: DepsWith<never, 'http' | 'apiToken'>,
  call: string,
  to: 'pause' | 'resume' | 'ask',
): Promise<object> {
  if (!apiToken)
    throw new AppError(
      'config.invalid',
      'Set CONSENTRY_API_TOKEN to what the service has: without one it takes no such orders.',
    )
  const url = `${addressOf(http)}/api/calls/${encodeURIComponent(call)}/${to}`
  const answer = await requestOutgoing(url, {
    method: 'POST',
    headers: { authorization: `Bearer ${apiToken.reveal()}` },
    ...{ ms: ANSWER_MS, mostBytes: MAX_BYTES, inside: 'any' },
  }).catch(cause => {
    const words = `The service at ${http.host}:${http.port} does not answer.`
    throw new AppError('tool.failed', words, { retryable: true, cause })
  })
  const body = parsed(answer.body)
  if (answer.status < 300) return body
  const code = REFUSALS[answer.status] ?? 'tool.failed'
  throw new AppError(code, `Refused (${answer.status}): ${body.error ?? 'no reason given'}.`)
}

function parsed(body: Buffer): { error?: string } {
  try {
    return JSON.parse(body.toString())
  } catch {
    return {}
  }
}

/** The address under which this machine reaches a service that listens on this one. */
function addressOf({ host, port }: { host: string; port: number }): string {
  if (host === '0.0.0.0') return `http://127.0.0.1:${port}`
  if (host === '::') return `http://[::1]:${port}`
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}
