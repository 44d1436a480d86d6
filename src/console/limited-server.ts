import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import type { Socket } from 'node:net'

/**
 * Connections at once: a monitor, a witness and some programs need a tenth of them; each takes a file descriptor from calls.
 */
const MAX_CONNECTIONS = 64
/** How long the headers of a request may take from the connection or the request before, ms: on a local network some ms. */
const HEADERS_MS = 5_000
/** How long a whole request may take, ms: the largest body is some kilobytes. */
const REQUEST_MS = 10_000
/** How long a connection may carry no byte in either direction, ms: longer than any answer takes. */
const SILENT_MS = 30_000
/** How long a connection is kept for the next request, ms. */
const KEEP_ALIVE_MS = 5_000
/** How often Node looks for requests that are late, ms. */
const CHECK_MS = 1_000
/** Most bytes of a request's headers: there is room for a bearer token and for what a browser sends. */
const MAX_HEADER_BYTES = 8_192
/** Most headers of a request; further ones are ignored. */
const MAX_HEADERS = 100

/**
 * An HTTP server with bounds on connections, sizes and times. A slow client is cut off. If too many are connected, the
 * connection that has been without a whole request for the longest is closed.
 */
export function limitedServer(handle: RequestListener): Server {
  const server = createServer(
    {
      connectionsCheckingInterval: CHECK_MS,
      headersTimeout: HEADERS_MS,
      requestTimeout: REQUEST_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
    },
    handle,
  )
  server.maxHeadersCount = MAX_HEADERS
  server.setTimeout(SILENT_MS)
  limitConnections(server, MAX_CONNECTIONS)
  return server
}

/** Drops connections beyond `most`, the idlest first. */
function limitConnections(server: Server, maximum: number): void {
  /** Connections in the order in which they came or were last answered, each with the request that is being answered. */
  const open = new Map<Socket, IncomingMessage | undefined>()
  server.on('connection', (socket: Socket) => {
    open.set(socket, undefined)
    socket.once('close', () => open.delete(socket))
    if (open.size > maximum) closeIdlest(open)
  })
  server.on('request', (request, response) => {
    const { socket } = request
    if (open.has(socket)) open.set(socket, request)
    response.once('close', () => {
      // It becomes the youngest, for it sends whole requests.
      if (open.delete(socket) && !socket.destroyed) open.set(socket, undefined)
    })
  })
}

/** Closes the oldest connection without a whole request; if all have one, the oldest. */
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

/** Where to listen. `localhost` becomes 127.0.0.1, because Node may resolve it to ::1 alone. */
export const listenAddress = ({ host, port }: { host: string; port: number }) => ({
  host: host === 'localhost' ? '127.0.0.1' : host,
  port,
})
