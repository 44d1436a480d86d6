import type { EventEmitter } from 'node:events'
import type { Client } from 'ari-client'
import { AppError } from '../../shared/errors.js'
import type { RawEvent } from '../ari-events.js'

/** The event socket counts as dead when neither an event nor a pong came for this long, ms. */
const SILENCE_MS = 5_000
/** How often a ping is sent, ms: three chances before the socket counts as dead. */
const PING_MS = 1_500
/** A look so late means that this process stood still: what it did not hear meanwhile lies in the socket, ms. */
const LATE_MS = 3_000

/** How long a PBX that takes the connection may take to open the socket, ms; on loopback 5. */
const OPEN_MS = 10_000

interface WebSocketLike extends EventEmitter {
  ping(): void
  terminate(): void
}

export interface SocketSink {
  event(event: RawEvent): void
  /** Something that is no event came in. */
  garbled(): void
  /** The socket is closed or silent; said once. */
  closed(reason: string): void
}

/**
 * Opens the event socket of one ARI application. The socket is made by ari-client, but its own handlers are not
 * attached: they throw on an event type that is not in the PBX's swagger and give up after ten reconnects.
 *
 * @returns a function that closes the socket without reporting it
 * @throws AppError `pbx.unavailable` when it does not open
 */
export async function openSocket(client: Client, app: string, sink: SocketSink): Promise<() => void> {
  const socket = await capture(client, app)
  let over = false
  let heardAt = performance.now()
  let lookedAt = heardAt
  const finish = (reason?: string) => {
    if (over) return
    over = true
    clearInterval(pings)
    socket.terminate()
    if (reason) sink.closed(reason)
  }
  const pings = setInterval(() => {
    const now = performance.now()
    if (now - lookedAt > LATE_MS) heardAt = now
    lookedAt = now
    if (now - heardAt > SILENCE_MS) finish('silent')
    else socket.ping()
  }, PING_MS)
  socket.on('pong', () => {
    heardAt = performance.now()
  })
  socket.on('message', (message: unknown) => {
    // What had come in already when it was closed.
    if (over) return
    heardAt = performance.now()
    const event = parse(message)
    if (event) sink.event(event)
    else sink.garbled()
  })
  socket.on('close', () => finish('closed'))
  return () => finish()
}

function parse(message: unknown): RawEvent | null {
  try {
    const event = JSON.parse(String(message))
    return typeof event?.type === 'string' ? event : null
  } catch {
    return null
  }
}

/** Lets ari-client make its WebSocket, and takes it over before a handler of ari-client's own is attached. */
function capture(client: Client, app: string): Promise<WebSocketLike> {
  return new Promise((resolve, reject) => {
    Object.defineProperty(client, '_ws', {
      configurable: true,
      get: () => ({ on() {}, close() {} }),
      set(socket: WebSocketLike) {
        const refuse = (cause?: unknown) => {
          clearTimeout(timer)
          reject(
            new AppError('pbx.unavailable', 'the ARI event socket does not open', { retryable: true, cause }),
          )
        }
        const timer = setTimeout(() => socket.terminate(), OPEN_MS)
        socket.on('error', refuse)
        socket.once('close', refuse)
        socket.once('open', () => {
          clearTimeout(timer)
          resolve(socket)
        })
      },
    })
    void client.start(app)
  })
}
