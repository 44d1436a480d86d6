import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https'
import type { Socket } from 'node:net'

/** Most connections at once of the service. Monitor, witness and programs need a tenth of them; each takes a file descriptor from calls. */
const MAX_CONNECTIONS = 64
/** How long a client may take to send headers, from the connection or the previous request, ms. On a local network: a few ms. */
const HEADERS_MS = 5_000
/** How long a client may take to send a request, ms. The largest body has some kilobytes. */
const REQUEST_MS = 10_000
/** How long a connection may be silent in both directions, ms. Longer than any response takes. */
const SILENT_MS = 30_000
/** How long a connection stays open for the next request, ms. */
const KEEP_ALIVE_MS = 5_000
/** How often Node checks for late requests, ms. */
const CHECK_MS = 1_000
/** Most bytes of a request's headers. Enough for a bearer token and a browser's headers. */
const MAX_HEADER_BYTES = 8_192
/** Most headers of a request. Further ones are ignored. */
const MAX_HEADERS = 100

const LIMITS = {
  connectionsCheckingInterval: CHECK_MS,
  headersTimeout: HEADERS_MS,
  requestTimeout: REQUEST_MS,
  keepAliveTimeout: KEEP_ALIVE_MS,
  maxHeaderSize: MAX_HEADER_BYTES,
}

/**
 * An HTTP server with bounds on connections, sizes and times. Slow clients are disconnected. Beyond the most connections, the one
 * without a complete request for the longest time is closed.
 */
export const limitedServer = (handle: RequestListener): Server => serverLimitedTo(MAX_CONNECTIONS, handle)

/** The same with another limit. @param connections most connections at once */
export const serverLimitedTo = (connections: number, handle: RequestListener): Server =>
  limit(createServer(LIMITS, handle), 'connection', connections)

/** A certificate with its chain and its secret key, PEM. */
export interface Certificate {
  cert: Buffer
  key: Buffer
}

/** The same over TLS 1.2 or later (RFC 8446). */
export function limitedTlsServer(
  handle: RequestListener,
  certificate: Certificate,
  connections: number,
): TlsServer {
  const options = { ...LIMITS, ...certificate, minVersion: 'TLSv1.2', handshakeTimeout: HEADERS_MS } as const
  const server = limit(createTlsServer(options, handle), 'secureConnection', connections)
  // Beyond them new ones are dropped before their handshake.
  server.maxConnections = 2 * connections
  return server
}

function limit<T extends Server | TlsServer>(
  server: T,
  connected: 'connection' | 'secureConnection',
  connections: number,
): T {
  server.maxHeadersCount = MAX_HEADERS
  server.setTimeout(SILENT_MS)
  limitConnections(server, connected, connections)
  return server
}

/** Closes connections beyond `maximum`, the idlest first. */
function limitConnections(
  server: Server | TlsServer,
  connected: 'connection' | 'secureConnection',
  maximum: number,
): void {
  /** Connections, each with the request that is being answered, ordered by the time of connection or last response. */
  const open = new Map<Socket, IncomingMessage | undefined>()
  server.on(connected, (socket: Socket) => {
    open.set(socket, undefined)
    socket.once('close', () => open.delete(socket))
    if (open.size > maximum) closeIdlest(open)
  })
  server.on('request', (request, response) => {
    const { socket } = request
    if (open.has(socket)) open.set(socket, request)
    response.once('close', () => {
      // A connection that sends complete requests becomes the youngest.
      if (open.delete(socket) && !socket.destroyed) open.set(socket, undefined)
    })
  })
}

/** Closes the oldest connection without a complete request. If all have one, closes the oldest. */
function closeIdlest(open: Map<Socket, IncomingMessage | undefined>): void {
  let [closing] = open.keys()
  for (const [socket, request] of open) {
    if (request?.complete) continue
    closing = socket
    break
  }
  if (!closing) return
  open.delete(closing)
  closing.destroy()
}

/** Whether only this machine reaches what listens on a host. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)

/** The address to listen on. `localhost` becomes 127.0.0.1, because Node may resolve it to ::1 only. */
export const listenAddress = ({ host, port }: { host: string; port: number }) => ({
  host: host === 'localhost' ? '127.0.0.1' : host,
  port,
})
