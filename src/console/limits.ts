import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import type { Socket } from 'node:net'

/** Connections at once: a monitor, a witness and some programs need a tenth of them; each takes a file descriptor from calls. */
const MAX_CONNECTIONS = 64
/** From a connection, or the end of the request before, to the end of the next request's headers, ms: on a local network some ms. */
const HEADERS_MS = 5_000
/** The same to the end of its body, ms: the largest is some kilobytes. */
const REQUEST_MS = 10_000
/** How long a connection may lie without a byte in either direction, ms: longer than any answer is worked on. */
const SILENT_MS = 30_000
/** How long a connection is kept for the next request, ms. */
const KEEP_ALIVE_MS = 5_000
/** How often Node looks for requests that are late, ms. */
const LOOK_MS = 1_000
/** Of all headers of a request, bytes: a bearer token and a browser's own have room. */
const MAX_HEADER_BYTES = 8_192
/** Headers of a request: beyond these they are ignored. */
const MAX_HEADERS = 100

/**
 * An HTTP server that nobody can fill up: whoever is slow is cut off, and where too many are connected, the one that has been
 * without a whole request for the longest makes room for the next.
 */
export function limitedServer(handle: RequestListener): Server {
  const server = createServer(
    {
      connectionsCheckingInterval: LOOK_MS,
      headersTimeout: HEADERS_MS,
      requestTimeout: REQUEST_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
    },
    handle,
  )
  server.maxHeadersCount = MAX_HEADERS
  server.setTimeout(SILENT_MS)
  makeRoom(server, MAX_CONNECTIONS)
  return server
}

/** Drops connections beyond `most`, the idlest first. */
function makeRoom(server: Server, most: number): void {
  /** In the order in which they came, or were last answered; with the request that is being answered. */
  const open = new Map<Socket, IncomingMessage | undefined>()
  server.on('connection', (socket: Socket) => {
    open.set(socket, undefined)
    socket.once('close', () => open.delete(socket))
    if (open.size > most) drop(open)
  })
  server.on('request', (request, response) => {
    const { socket } = request
    if (open.has(socket)) open.set(socket, request)
    response.once('close', () => {
      // As the youngest: it has shown that it asks whole questions.
      if (open.delete(socket) && !socket.destroyed) open.set(socket, undefined)
    })
  })
}

/** A connection whose request has come whole is worked on, and goes only where all are. */
function drop(open: Map<Socket, IncomingMessage | undefined>): void {
  let [victim] = open.keys()
  for (const [socket, request] of open) {
    if (request?.complete) continue
    victim = socket
    break
  }
  if (!victim) return
  open.delete(victim)
  victim.destroy()
}

/** Node resolves `localhost` to one address, which is not always the one that others mean. */
export const listenAt = ({ host, port }: { host: string; port: number }) => ({
  host: host === 'localhost' ? '127.0.0.1' : host,
  port,
})
