import { createRequire, Module } from 'node:module'
import type { Client, connect } from 'ari-client'
import WebSocket from 'ws'
import { systemClock } from '../../core/clock.js'
import { AppError } from '../../core/errors.js'
import type { Secret } from '../../core/secret.js'
import { withDeadline } from '../../lib/deadline.js'
import type { WorkTimer } from '../../lib/work.js'
import {
  type AriEndpoint,
  type AriOperation,
  type AriParameter,
  authorizationOf,
  baseOf,
  exchange,
  senderOf,
} from './ari-request.js'
import { type CloseSocket, openSocket, type SocketSink } from './ari-socket.js'
import { findAri } from './find-ari.js'

/** How long reading the PBX's description of its ARI may take, ms. It is about 12 requests, 50 ms on loopback. */
const CONNECT_TIMEOUT_MS = 10_000

/** How to reach a PBX. */
export interface AriAccess {
  /** `http://host:port` */
  url: string
  username: string
  password: Secret
  /** Measures how long the PBX takes for orders. */
  work?: WorkTimer
}

/** A connection to the ARI of one PBX process. Only this folder uses ari-client. */
export interface AriTransport {
  /**
   * Calls one ARI operation by its swagger name, for example `request('channels', 'answer', { channelId })`.
   *
   * @returns the parsed body, undefined if none exists
   * @throws AppError `pbx.gone` (404), `pbx.conflict` (409, 412), `pbx.refused` (other 4xx, 5xx), `pbx.timeout`
   */
  request(resource: string, operation: string, args: object): Promise<unknown>
  /**
   * Opens the event socket of an ARI application.
   *
   * @returns a function that closes the socket without reporting it
   * @throws AppError `pbx.unavailable` if the socket does not open
   */
  listen(app: string, sink: SocketSink): Promise<CloseSocket>
}

/**
 * Connects to the ARI of a PBX, by reading the PBX's description of it. Fails after 10 s if the PBX accepts the connection and does
 * not answer.
 *
 * @throws AppError `pbx.unavailable`, `pbx.timeout`; an error of ari-client
 */
export async function connectAri({ url, username, password, work }: AriAccess): Promise<AriTransport> {
  const late = () =>
    new AppError('pbx.timeout', `the PBX did not describe its ARI within ${CONNECT_TIMEOUT_MS} ms`, {
      retryable: true,
    })
  const connect = async () => {
    const { origin, resources } = await findAri(url, username, password, CONNECT_TIMEOUT_MS)
    const endpoint = { origin, username, password }
    return transportOf(await createClient(endpoint, await readOperations(endpoint, resources)), work)
  }
  return withDeadline(connect(), { clock: systemClock, ms: CONNECT_TIMEOUT_MS, error: late })
}

const transportOf = (client: Client, work: WorkTimer | undefined): AriTransport => ({
  request(resource, operation, args) {
    const order = callOperation(client, resource, operation, args)
    return work?.time('pbx', order) ?? order
  },
  listen: (app, sink) => openSocket(client, app, sink),
})

/** Longest time for one ARI operation, ms. On loopback it takes 2-5 ms; beyond this the PBX is in trouble. */
const REST_TIMEOUT_MS = 2_000

/** An operation that ari-client generated. Its result is the parsed body, or an empty text if none exists. */
type Generated = (args: object) => PromiseLike<unknown>

/** Calls one ARI operation, see `AriTransport.request`. ari-client itself has no timeout. */
async function callOperation(
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

/*
 * Loads ari-client without its libraries for HTTP, Swagger and WebSockets, which have had no maintainer for years. ari-client gets
 * the objects below in their place, whatever npm has installed. `overrides` in package.json keeps those libraries off the disk, too.
 */

/** A resource, as ari-client expects it of swagger-client: each operation to read, and to call. */
type Resource = { operations: AriOperations[string] } & Record<string, unknown>

/** What the next `SwaggerApi` offers. ari-client makes it before its `connect` returns, so no other connection comes between. */
let described: Record<string, Resource> = {}

/** Replaces the class that reads a PBX's description. The description has been read already. */
class SwaggerApi {
  readonly ready = true
  readonly apis = described

  constructor({ success, failure }: { success(): void; failure(error: unknown): void }) {
    // ari-client uses the object in `success`, and has it only after this constructor has returned.
    queueMicrotask(() => {
      try {
        success()
      } catch (error) {
        failure(error)
      }
    })
  }
}

/**
 * A message that is not UTF-8 counts as garbled, and does not end the connection. Asterisk compresses no messages. Most
 * have some KB, but a variable of the dialplan may be long.
 */
const SOCKET_OPTIONS = { skipUTF8Validation: true, perMessageDeflate: false, maxPayload: 33_554_432 }

const REPLACED: Record<string, unknown> = {
  // ari-client sends this request to check that the PBX is there. `findAri` has done so.
  request: (_url: string, answered: (error: null) => void) => answered(null),
  'swagger-client': { SwaggerApi, PasswordAuthorization: class {}, authorizations: { add() {} } },
  ws: class extends WebSocket {
    constructor(url: string) {
      super(url, SOCKET_OPTIONS)
    }
  },
}

const require = createRequire(import.meta.url)
const ariClient = loadAriClient()

function loadAriClient(): { connect: typeof connect } {
  const { resolve } = createRequire(require.resolve('ari-client'))
  for (const [name, exports] of Object.entries(REPLACED)) {
    const path = resolve(name)
    require.cache[path] = Object.assign(new Module(path), { filename: path, loaded: true, exports })
  }
  return require('ari-client')
}

/**
 * Makes a client of ari-client, with the operations that a PBX has.
 *
 * @param endpoint where the operations go, and the event socket
 * @throws an error of ari-client if it cannot use the operations
 */
function createClient(endpoint: AriEndpoint, operations: AriOperations): Promise<Client> {
  described = Object.fromEntries(
    Object.entries(operations).map(([resource, named]) => {
      const senders = Object.entries(named).map(([name, operation]) => [
        name,
        senderOf(endpoint, operation, `${resource}.${name}`),
      ])
      return [resource, { ...Object.fromEntries(senders), operations: named }]
    }),
  )
  return ariClient.connect(endpoint.origin, endpoint.username, endpoint.password.reveal())
}

/** All operations of a PBX, by resource and name. */
type AriOperations = Readonly<Record<string, Readonly<Record<string, AriOperation>>>>

interface DescribedResource {
  apis: { path: string; operations: DescribedOperation[] }[]
}
interface DescribedOperation {
  nickname: string
  httpMethod: string
  parameters?: AriParameter[]
}

/**
 * Reads which operations a PBX has (Swagger 1.1, as Asterisk's `/ari/api-docs` gives it). Addresses in the description are ignored: all
 * requests go to the endpoint.
 *
 * @param listed the paths that `/ari/api-docs/resources.json` names, such as `/api-docs/channels.{format}`
 * @throws AppError `pbx.unavailable` if the PBX does not answer, or not with a description
 */
async function readOperations(endpoint: AriEndpoint, listed: readonly unknown[]): Promise<AriOperations> {
  try {
    return Object.fromEntries(await Promise.all(listed.map(entry => readListed(endpoint, entry))))
  } catch (cause) {
    throw new AppError('pbx.unavailable', 'the PBX does not describe its ARI', { retryable: true, cause })
  }
}

/** Reads one resource. @returns its name and its operations */
async function readListed(endpoint: AriEndpoint, entry: unknown): Promise<[string, AriOperations[string]]> {
  const path = formatted((entry as { path?: unknown } | null)?.path)
  const [, name] = /([a-zA-Z]+)(\.json)?$/.exec(path) ?? []
  if (!name) throw new TypeError('a resource has no name')
  return [name, await readResource(endpoint, path)]
}

async function readResource(endpoint: AriEndpoint, path: string): Promise<AriOperations[string]> {
  const answer = await exchange(new URL(baseOf(endpoint) + path), {
    headers: { authorization: authorizationOf(endpoint) },
  })
  if (answer.status !== 200) throw new TypeError(`status ${answer.status}`)
  const { apis } = JSON.parse(answer.body) as DescribedResource
  return Object.fromEntries(
    apis.flatMap(({ path: under, operations }) =>
      operations.map(({ nickname, httpMethod, parameters = [] }) => [
        nickname,
        { method: httpMethod.toUpperCase(), path: formatted(under), parameters: parameters.map(checked) },
      ]),
    ),
  )
}

/** A described path, with the format filled in. @throws TypeError for anything else */
function formatted(path: unknown): string {
  if (typeof path !== 'string' || !path.startsWith('/')) throw new TypeError('a path is missing')
  return path.replace('{format}', 'json')
}

/**
 * @throws TypeError if it is not a parameter
 */
function checked({ name, paramType }: AriParameter): AriParameter {
  if (typeof name !== 'string') throw new TypeError('a parameter has no name')
  return { name, paramType }
}
