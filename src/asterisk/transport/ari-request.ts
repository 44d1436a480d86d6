import { AppError } from '../../core/errors.js'
import type { Secret } from '../../core/secret.js'
import { exchange, type HttpAnswer } from './ari-http.js'

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
