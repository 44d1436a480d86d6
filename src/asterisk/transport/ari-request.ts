import { once } from 'node:events'
import http, { type IncomingMessage, type RequestOptions } from 'node:http'
import https from 'node:https'
import { AppError } from '../../core/errors.js'
import type { Secret } from '../../core/secret.js'
import { readBody } from '../../lib/process/outgoing.js'

/** Where the ARI of one PBX is, and the credentials for it. */
export interface AriEndpoint {
  /** `http://host:port` */
  origin: string
  username: string
  password: Secret
}

/** Where a parameter of an operation goes. ARI uses only these places. */
type Place = 'path' | 'query' | 'body'

/** A parameter of an operation, under the names of Swagger 1.1. */
export interface AriParameter {
  name: string
  paramType: Place
}

/** One operation of ARI. */
export interface AriOperation {
  method: string
  /** Path below `/ari`, such as `/channels/{channelId}/answer`. */
  path: string
  parameters: readonly AriParameter[]
}

/** Arguments of an operation by the names of its parameters; `body` is the body, as JSON. */
type Arguments = Readonly<Record<string, unknown>>

/** How ari-client sends a request: with the arguments, and one callback each for the answer and the failure. */
type Sender = (
  args: Arguments,
  answered: (answer: { data: string }) => void,
  failed: (error: AppError) => void,
) => void

/** `http://host:port/ari` */
export const baseOf = ({ origin }: AriEndpoint): string => `${origin.replace(/\/+$/, '')}/ari`

/** Value of the header `Authorization` (RFC 7617). */
export const authorizationOf = ({ username, password }: AriEndpoint): string =>
  `Basic ${Buffer.from(`${username}:${password.reveal()}`).toString('base64')}`

/**
 * How one operation is sent to a PBX. The failure is an AppError: `pbx.gone` (404), `pbx.conflict` (409, 412), `pbx.refused` (other
 * statuses, arguments or an answer that do not fit), `pbx.unavailable` (no answer).
 *
 * @param what the operation, for errors, such as `channels.answer`
 */
export function senderOf(endpoint: AriEndpoint, operation: AriOperation, what: string): Sender {
  const send = async (args: Arguments): Promise<HttpAnswer> => {
    const body = args['body'] as string | undefined
    const headers = {
      authorization: authorizationOf(endpoint),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    }
    const url = new URL(baseOf(endpoint) + fillPath(operation, args, what))
    const { method } = operation
    const answer = await exchange(url, { method, headers }, body).catch(() => ({ status: 0, body: '' }))
    if (answer.status < 200 || answer.status >= 300) throw errorOf(answer.status, what)
    return answer
  }
  return (args, answered, failed) =>
    void send(args)
      .then(({ body }) => {
        // ari-client parses it. A proxy in front of the PBX may answer without JSON.
        try {
          answered({ data: body })
        } catch (cause) {
          throw new AppError('pbx.refused', `the answer to ARI ${what} is not JSON`, { cause })
        }
      })
      .catch(error => failed(error instanceof AppError ? error : notAccepted(what, error)))
}

const notAccepted = (what: string, cause: unknown): AppError =>
  new AppError('pbx.refused', `ARI ${what} was not accepted`, { cause })

/** The path of a request, with the arguments for path and query. @throws AppError `pbx.refused` if one is missing */
function fillPath({ path, parameters }: AriOperation, args: Arguments, what: string): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => {
    if (args[name]) return encodeURIComponent(String(args[name]))
    throw new AppError('pbx.refused', `ARI ${what} needs ${name}`)
  })
  const query = parameters
    .filter(({ name, paramType }) => paramType === 'query' && args[name] !== undefined)
    .map(({ name }) => `${encodeURIComponent(name)}=${encodeURIComponent(String(args[name]))}`)
  return query.length > 0 ? `${filled}?${query.join('&')}` : filled
}

function errorOf(status: number, what: string): AppError {
  const message = `ARI ${what} was answered with ${status || 'nothing'}`
  if (status === 404) return new AppError('pbx.gone', message, { endsCall: true })
  if (status === 409 || status === 412) return new AppError('pbx.conflict', message)
  if (!status) return new AppError('pbx.unavailable', message, { retryable: true })
  return new AppError('pbx.refused', message)
}

/** Longest time for one request, ms. The callers of this module give up earlier. */
const ANSWER_TIMEOUT_MS = 10_000
/** Most bytes of an answer. A channel in a list has about 1 KB. */
const MAX_BYTES = 67_108_864
/** How long an unused connection stays open, ms. Asterisk closes it after 15 s by default (`session_keep_alive` in http.conf). */
const KEEP_ALIVE = { keepAlive: true, timeout: 4_000, maxFreeSockets: 32 }
/** Longest time for which a request is sent again, ms. Later its sender has given up. */
const RESEND_MS = 1_000

// `fetch` takes one and a half times the processor time.
const PLAIN = { request: http.request, agent: new http.Agent(KEEP_ALIVE) }
const TLS = { request: https.request, agent: new https.Agent(KEEP_ALIVE) }

/** Errors of a connection that the other side has closed. */
const CLOSED_CODES = new Set(['ECONNRESET', 'EPIPE'])

/** An answer. Status 0: the outcome of the request is unknown. */
interface HttpAnswer {
  status: number
  body: string
}

/**
 * Sends a request and reads the answer. Redirects are answers like any other, so that the password goes to no other
 * address.
 *
 * The PBX may close a kept connection just as the request is sent. The request is then sent again over another
 * connection. The PBX may nevertheless have executed the first one, so a refusal of the second proves nothing: its
 * status becomes 0.
 *
 * @throws the system's error; `AbortError` after `ANSWER_TIMEOUT_MS`
 */
export async function exchange(url: URL, options: RequestOptions, body?: string): Promise<HttpAnswer> {
  const { request, agent } = url.protocol === 'https:' ? TLS : PLAIN
  const signal = AbortSignal.timeout(ANSWER_TIMEOUT_MS)
  const begun = performance.now()
  for (let tries = 1; ; tries++) {
    const sent = request(url, { ...options, agent, signal })
    // `once` listens only until the answer begins. Reading the answer reports later errors.
    sent.on('error', () => {})
    sent.end(body)
    const response = await once(sent, 'response').catch((error: NodeJS.ErrnoException) => {
      const wasClosed = sent.reusedSocket && CLOSED_CODES.has(error.code ?? '')
      if (!wasClosed || performance.now() - begun > RESEND_MS) throw error
    })
    if (!response) continue
    const [answer] = response as [IncomingMessage]
    const status = tries > 1 && answer.statusCode! >= 400 ? 0 : answer.statusCode!
    return { status, body: (await readBody(answer, MAX_BYTES)).toString() }
  }
}
