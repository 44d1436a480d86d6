import ari, { type Client } from 'ari-client'
import { AppError } from '../../shared/errors.js'
import type { Secret } from '../../shared/secret.js'
import { callOperation } from './ari-rest.js'
import { openSocket, type SocketSink } from './ari-socket.js'
import { findAri } from './find-ari.js'
import { tameSwagger } from './tame-swagger.js'

/** What reading the PBX's description may take, ms: about 100 on loopback, some 20 requests. */
const CONNECT_MS = 10_000

/** How to reach a PBX. */
export interface AriAccess {
  /** `http://host:port` */
  url: string
  username: string
  password: Secret
}

/** A connection to the ARI of one PBX process. This folder alone sees ari-client. */
export interface AriTransport {
  /**
   * Calls one ARI operation by its swagger name, for example `request('channels', 'answer', { channelId })`.
   *
   * @returns the parsed body, undefined if there is none
   * @throws AppError `pbx.gone` (404), `pbx.conflict` (409, 412), `pbx.refused` (other 4xx, 5xx), `pbx.timeout`
   */
  request(resource: string, operation: string, args: object): Promise<unknown>
  /**
   * Opens the event socket of an ARI application.
   *
   * @returns a function that closes the socket without reporting it
   * @throws AppError `pbx.unavailable` when it does not open
   */
  listen(app: string, sink: SocketSink): Promise<() => void>
}

tameSwagger()

/**
 * Reads the PBX's description of its ARI. Gives up on a PBX that accepts the connection and then says nothing.
 *
 * @throws AppError `pbx.unavailable`, `pbx.timeout`, or what ari-client throws
 */
export async function connectAri({ url, username, password }: AriAccess): Promise<AriTransport> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    const error = new AppError('pbx.timeout', 'the PBX does not describe its ARI', { retryable: true })
    timer = setTimeout(() => reject(error), CONNECT_MS)
  })
  const connect = async () => {
    const at = await findAri(url, username, password, CONNECT_MS)
    return transport(await ari.connect(at, username, password.reveal()))
  }
  try {
    return await Promise.race([connect(), late])
  } finally {
    clearTimeout(timer)
  }
}

const transport = (client: Client): AriTransport => ({
  request: (resource, operation, args) => callOperation(client, resource, operation, args),
  listen: (app, sink) => openSocket(client, app, sink),
})
