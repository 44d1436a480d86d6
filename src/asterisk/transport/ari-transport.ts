import type { Client } from 'ari-client'
import { systemClock } from '../../core/clock.js'
import { AppError } from '../../core/errors.js'
import type { Secret } from '../../core/secret.js'
import { withDeadline } from '../../lib/deadline.js'
import type { WorkTimer } from '../../lib/timed-work.js'
import { createClient } from './ari-client.js'
import { readOperations } from './ari-description.js'
import { callOperation } from './ari-rest.js'
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
   * @returns the parsed body, undefined if there is none
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
