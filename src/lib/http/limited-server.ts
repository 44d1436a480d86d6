import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http'
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https'
import type { Socket } from 'node:net'

/** True for requests that may take longer to arrive. */
type IsUpload = (request: IncomingMessage) => boolean

/** How fast the bodies of requests must arrive. */
export interface BodyPace {
  /** Longest time for a body, ms. The largest body that is not an upload has some kilobytes. */
  bodyMs: number
  /** Longest time for an upload, ms. */
  uploadMs: number
  /** Least bytes of an upload in each span of `bodyMs`. */
  leastBytes: number
  /** Interval of checks for late bodies, ms. */
  checkMs: number
}

/** An upload of 10 MB takes ten minutes at the least pace, which is 128 kbit/s: a bad uplink. */
const BODY_PACE: BodyPace = { bodyMs: 10_000, uploadMs: 660_000, leastBytes: 160_000, checkMs: 1_000 }

/** A body in transit. Times are of `performance.now()`, ms. */
interface Arriving {
  response: ServerResponse
  begunAt: number
  /** Start of the present span, and the bytes that the connection had received then. */
  spanAt: number
  spanBytes: number
}

/**
 * Disconnects clients whose bodies arrive too slowly. Each span of an upload must bring enough bytes until it is
 * answered. A client that sends a byte now and then is disconnected, and so is one that keeps sending after a refusal.
 */
export function limitBodies(
  server: Server | TlsServer,
  isUpload: IsUpload,
  pace: BodyPace = BODY_PACE,
): void {
  const arriving = new Map<IncomingMessage, Arriving>()
  server.on('request', (request, response) => {
    const at = performance.now()
    arriving.set(request, { response, begunAt: at, spanAt: at, spanBytes: request.socket.bytesRead })
    request.once('close', () => arriving.delete(request))
  })
  const check = () => {
    const now = performance.now()
    for (const [request, body] of arriving) {
      if (request.complete) arriving.delete(request)
      else if (isLate(request, body, now)) disconnect(request, body.response)
    }
  }
  const isLate = (request: IncomingMessage, body: Arriving, now: number): boolean => {
    if (now - body.spanAt < pace.bodyMs) return false
    if (body.response.writableEnded || !isUpload(request) || now - body.begunAt >= pace.uploadMs) return true
    const { bytesRead } = request.socket
    if (bytesRead - body.spanBytes < pace.leastBytes) return true
    Object.assign(body, { spanAt: now, spanBytes: bytesRead })
    return false
  }
  const disconnect = (request: IncomingMessage, response: ServerResponse) => {
    arriving.delete(request)
    // This is the server's own error for a late request, so that the answer is the same (408).
    const late = Object.assign(new Error('the body is late'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' })
    const answered = response.headersSent || server.listenerCount('clientError') === 0
    if (answered || !server.emit('clientError', late, request.socket)) request.socket.destroy()
  }
  const timer = setInterval(check, pace.checkMs).unref()
  server.once('close', () => clearInterval(timer))
}

/** Most connections at once of the service. Monitor, witness and programs need a tenth of them; each takes a file descriptor from calls. */
const MAX_CONNECTIONS = 64
/** How long a client may take to send headers, from the connection or the previous request, ms. On a local network: a few ms. */
const HEADERS_MS = 5_000
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
  // The longest limit. Bodies that are not uploads must arrive earlier.
  requestTimeout: BODY_PACE.uploadMs,
  keepAliveTimeout: KEEP_ALIVE_MS,
  maxHeaderSize: MAX_HEADER_BYTES,
}

/** Limits that differ among servers. */
interface Bounds {
  /** Most connections at once. */
  connections: number
  /** Which requests have long bodies. */
  isUpload: IsUpload
}

const USUAL: Bounds = { connections: MAX_CONNECTIONS, isUpload: () => false }

/**
 * An HTTP server with bounds on connections, sizes and times. Slow clients are disconnected. Beyond the most connections, the one
 * without a complete request for the longest time is closed.
 *
 * @param bounds those that differ from the service's: 64 connections, no uploads
 */
export const limitedServer = (handle: RequestListener, bounds: Partial<Bounds> = {}): Server =>
  limit(createServer(LIMITS, handle), 'connection', { ...USUAL, ...bounds })

/** A certificate with its chain and its secret key, PEM. */
export interface Certificate {
  cert: Buffer
  key: Buffer
}

/**
 * The cipher suites, the strongest first: those of TLS 1.3, and of TLS 1.2 those with a key exchange of their own for each connection
 * and authenticated encryption (RFC 9325 section 4.2). AES has 256 bits, because 128 are for old systems only (OWASP ASVS 5.0, appendix C).
 */
const CIPHERS = [
  ...['TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256'],
  ...['ECDHE-ECDSA-AES256-GCM-SHA384', 'ECDHE-RSA-AES256-GCM-SHA384'],
  ...['ECDHE-ECDSA-CHACHA20-POLY1305', 'ECDHE-RSA-CHACHA20-POLY1305'],
].join(':')
const TLS = { minVersion: 'TLSv1.2', ciphers: CIPHERS, honorCipherOrder: true } as const

/** The same over TLS 1.2 or later (RFC 8446). */
export function limitedTlsServer(
  handle: RequestListener,
  certificate: Certificate,
  bounds: Partial<Bounds> = {},
): TlsServer {
  const options = { ...LIMITS, ...certificate, ...TLS, handshakeTimeout: HEADERS_MS }
  const all = { ...USUAL, ...bounds }
  const server = limit(createTlsServer(options, handle), 'secureConnection', all)
  // Beyond them new ones are dropped before their handshake.
  server.maxConnections = 2 * all.connections
  return server
}

function limit<T extends Server | TlsServer>(
  server: T,
  connected: 'connection' | 'secureConnection',
  bounds: Bounds,
): T {
  server.maxHeadersCount = MAX_HEADERS
  server.setTimeout(SILENT_MS)
  limitBodies(server, bounds.isUpload)
  limitConnections(server, connected, bounds)
  return server
}

/** Closes connections beyond the most, the idlest first. */
function limitConnections(
  server: Server | TlsServer,
  connected: 'connection' | 'secureConnection',
  { connections, isUpload }: Bounds,
): void {
  /** Connections, each with the request that is being answered, ordered by the time of connection or last response. */
  const open = new Map<Socket, IncomingMessage | undefined>()
  server.on(connected, (socket: Socket) => {
    open.set(socket, undefined)
    socket.once('close', () => open.delete(socket))
    if (open.size > connections) closeIdlest(open, isUpload)
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

/** Closes the oldest connection without a complete request or an upload under way. If all have one, closes the oldest. */
function closeIdlest(open: Map<Socket, IncomingMessage | undefined>, isUpload: IsUpload): void {
  let [closing] = open.keys()
  for (const [socket, request] of open) {
    if (request && (request.complete || isUpload(request))) continue
    closing = socket
    break
  }
  if (!closing) return
  open.delete(closing)
  closing.destroy()
}

/** True if only this machine can reach a server that listens on this host. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)

/** The address to listen on. `localhost` becomes 127.0.0.1, because Node may resolve it to ::1 only. */
export const listenAddress = ({ host, port }: { host: string; port: number }) => ({
  host: host === 'localhost' ? '127.0.0.1' : host,
  port,
})

/** The token of an Authorization header (RFC 6750 section 2.1). Undefined if the header has none. */
export const bearerToken = (header: string | undefined): string | undefined =>
  /^Bearer +([A-Za-z0-9\-._~+/]+=*)$/i.exec(header ?? '')?.[1]
