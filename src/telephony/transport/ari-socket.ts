import type { EventEmitter } from 'node:events'
import type { Client } from 'ari-client'
import { AppError } from '../../shared/errors.js'
import type { RawEvent } from '../ari-events.js'

/** The event socket counts as dead when no event and no pong came for this long, ms. */
const SILENCE_TIMEOUT_MS = 5_000
/** Time between two pings, ms. Three pings are sent before the socket counts as dead. */
const PING_INTERVAL_MS = 1_500
/** A check that is this late means that this process stalled, ms. Events of that time may still wait in the socket. */
const STALL_MS = 3_000
/** How long a PBX that accepted the connection may take to open the socket, ms. On loopback it takes 5 ms. */
const OPEN_TIMEOUT_MS = 10_000

interface WebSocketLike extends EventEmitter {
  ping(): void
  terminate(): void
}

export interface SocketSink {
  event(event: RawEvent): void
  /** Whether a message is not worth being parsed: then nobody hears of it. */
  isUnused?(message: string): boolean
  /** A message came that is no event. */
  garbled(): void
  /** The socket is closed or silent. Called once. */
  closed(reason: string): void
}

/**
 * Opens the event socket of one ARI application. ari-client makes the socket, but its handlers are not attached, because they throw
 * on an event type that is not in the PBX's description and give up after ten reconnects.
 *
 * @returns a function that closes the socket without reporting it
 * @throws AppError `pbx.unavailable` if the socket does not open
 */
export async function openSocket(client: Client, app: string, sink: SocketSink): Promise<() => void> {
  const socket = await captureSocket(client, app)
  let finished = false
  let heardAt = performance.now()
  let checkedAt = heardAt
  const finish = (reason?: string) => {
    if (finished) return
    finished = true
    clearInterval(pings)
    socket.terminate()
    if (reason) sink.closed(reason)
  }
  const pings = setInterval(() => {
    const now = performance.now()
    if (now - checkedAt > STALL_MS) heardAt = now
    checkedAt = now
    if (now - heardAt > SILENCE_TIMEOUT_MS) finish('silent')
    else socket.ping()
  }, PING_INTERVAL_MS)
  socket.on('pong', () => {
    heardAt = performance.now()
  })
  socket.on('message', (message: unknown) => {
    // Messages that had arrived before the socket was closed are dropped.
    if (finished) return
    heardAt = performance.now()
    const text = String(message)
    if (sink.isUnused?.(text)) return
    const event = parse(text)
    if (event) sink.event(event)
    else sink.garbled()
  })
  // After a breach of the protocol the socket would wait for the other side to close.
  socket.on('error', () => finish('closed'))
  socket.on('close', () => finish('closed'))
  return () => finish()
}

function parse(message: string): RawEvent | null {
  try {
    const event = JSON.parse(message)
    return typeof event?.type === 'string' ? event : null
  } catch {
    return null
  }
}

/** Lets ari-client make its WebSocket, and takes the socket before ari-client attaches its handlers. */
function captureSocket(client: Client, app: string): Promise<WebSocketLike> {
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
        // This ends the socket, not the wait: the wait ends with the socket.
        const timer = setTimeout(() => socket.terminate(), OPEN_TIMEOUT_MS)
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
