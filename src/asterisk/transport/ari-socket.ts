import type { EventEmitter } from 'node:events'
import type { Client } from 'ari-client'
import { AppError } from '../../core/errors.js'
import type { RawEvent } from '../ari-events.js'

/** The event socket counts as dead when no event and no pong came for this long, ms. */
const SILENCE_TIMEOUT_MS = 5_000
/** Time between two pings, ms. Three pings are sent before the socket counts as dead. */
const PING_INTERVAL_MS = 1_500
/** A check this late means that this process stalled, ms. Events of that time may still wait in the socket. */
const STALL_MS = 3_000
/**
 * The connection is closed when the answer to an awaited ping takes longer, ms, even if events arrive. Recordings hold
 * audio back for 45 s at most; the rest of that time is for the next connection and the comparison of bridges.
 */
const CAUGHT_UP_TIMEOUT_MS = 30_000
/** How long a PBX that accepted the connection may take to open the socket, ms. On loopback it takes 5 ms. */
const OPEN_TIMEOUT_MS = 10_000

interface WebSocketLike extends EventEmitter {
  ping(data?: string): void
  pause(): void
  resume(): void
  terminate(): void
}

/** An event socket that has opened. */
export interface OpenSocket {
  /**
   * Resolves when everything that the PBX had sent before the call is handled.
   * @throws AppError `pbx.unavailable` when the socket is closed before that
   */
  caughtUp(): Promise<void>
  /** Time since the PBX was last heard, ms. A stall of this process resets it. */
  silentMs(): number
}

/** Closes the socket. With a reason, it is reported as a loss. */
export type CloseSocket = (reason?: string) => void

export interface SocketSink {
  event(event: RawEvent): void
  /** Whether a message need not be parsed. Such a message is dropped. */
  isUnused?(message: string): boolean
  /** A message was not an event. */
  garbled(): void
  /** The socket is closed or silent. Called once. @param unheardMs time since the PBX was last heard, ms */
  closed(reason: string, unheardMs: number): void
  opened?(socket: OpenSocket): void
}

/**
 * Opens the event socket of one ARI application. ari-client makes the socket, but its handlers are not attached, because they throw
 * on an event type that is not in the PBX's description and give up after ten reconnects.
 *
 * @returns closes the socket
 * @throws AppError `pbx.unavailable` if the socket does not open
 */
export async function openSocket(client: Client, app: string, sink: SocketSink): Promise<CloseSocket> {
  const socket = await captureSocket(client, app)
  let finished = false
  let heardAt = performance.now()
  let checkedAt = heardAt
  /** When the PBX was last heard. A stall does not change it. */
  let lastHeardAt = heardAt
  const heard = () => {
    heardAt = lastHeardAt = performance.now()
  }
  const finish = (reason?: string) => {
    if (finished) return
    finished = true
    clearInterval(pings)
    socket.terminate()
    pongs.close()
    if (reason) sink.closed(reason, performance.now() - lastHeardAt)
  }
  const pongs = new AwaitedPongs(text => socket.ping(text))
  const pings = setInterval(() => {
    const now = performance.now()
    if (now - checkedAt > STALL_MS) {
      heardAt = now
      pongs.stalled(now)
    }
    checkedAt = now
    if (now - heardAt > SILENCE_TIMEOUT_MS || pongs.waitedMs(now) > CAUGHT_UP_TIMEOUT_MS) finish('silent')
    else pongs.ping()
  }, PING_INTERVAL_MS)
  socket.on('pong', (text: unknown) => {
    heard()
    pongs.pong(String(text))
  })
  socket.on('message', (message: unknown) => {
    // Messages that arrived before the socket was closed are dropped.
    if (finished) return
    heard()
    const text = String(message)
    if (sink.isUnused?.(text)) return
    const event = parse(text)
    if (event) sink.event(event)
    else sink.garbled()
  })
  // After a protocol error the socket would wait for the other side to close.
  socket.on('error', () => finish('closed'))
  socket.on('close', () => finish('closed'))
  sink.opened?.({ caughtUp: () => pongs.caughtUp(), silentMs: () => performance.now() - heardAt })
  // The first event may be that another process has taken over, so the caller must have its close function before any
  // event arrives.
  setImmediate(() => socket.resume())
  return finish
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
        // This ends the socket. The wait ends with the socket.
        const timer = setTimeout(() => socket.terminate(), OPEN_TIMEOUT_MS)
        socket.on('error', refuse)
        socket.once('close', refuse)
        socket.once('open', () => {
          clearTimeout(timer)
          // Events may have come with the answer, and would be dropped without a listener.
          socket.pause()
          resolve(socket)
        })
      },
    })
    void client.start(app)
  })
}

interface Awaited {
  /** Monotonic, ms. */
  askedAt: number
  resolve(): void
  reject(error: Error): void
}

/**
 * The pings of an event socket, and the waiters for their pongs. The PBX sends in order, so a pong proves that
 * everything sent before it has arrived. The PBX may leave out the pongs of pings before the last one (RFC 6455,
 * 5.5.3).
 */
export class AwaitedPongs {
  readonly #send: (text: string) => void
  /** Number of the last awaited ping, which is its text. Later pings repeat it. */
  #last = 0
  readonly #awaited = new Map<number, Awaited>()
  #asking: Promise<void> | undefined
  #closed = false

  /** @param send sends a ping with this text */
  constructor(send: (text: string) => void) {
    this.#send = send
  }

  /** Sends a ping without a waiter. Its pong also answers the awaited pings before it. */
  ping(): void {
    this.#send(String(this.#last))
  }

  /**
   * Resolves when everything that the PBX had sent before the call is handled.
   * @throws AppError `pbx.unavailable` once the socket is closed
   */
  caughtUp(): Promise<void> {
    if (this.#closed) return Promise.reject(closed())
    // Simultaneous waiters share one pong.
    this.#asking ??= new Promise((resolve, reject) => {
      queueMicrotask(() => {
        this.#asking = undefined
      })
      this.#last += 1
      this.#awaited.set(this.#last, { askedAt: performance.now(), resolve, reject })
      this.#send(String(this.#last))
    })
    return this.#asking
  }

  /** Handles a pong. A pong with an unknown text is ignored. */
  pong(text: string): void {
    const upTo = Number(text)
    if (upTo > this.#last) return
    for (const [number, { resolve }] of this.#awaited) {
      if (!(number <= upTo)) return
      this.#awaited.delete(number)
      resolve()
    }
  }

  /** How long the oldest ping has waited for its pong, ms; 0 if none waits. */
  waitedMs(now = performance.now()): number {
    for (const { askedAt } of this.#awaited.values()) return now - askedAt
    return 0
  }

  /** This process stalled, and pongs may be unread: all pings count as sent now. */
  stalled(now = performance.now()): void {
    for (const one of this.#awaited.values()) one.askedAt = now
  }

  /** Call this when the socket is closed. All waiters reject. */
  close(): void {
    this.#closed = true
    for (const { reject } of this.#awaited.values()) reject(closed())
    this.#awaited.clear()
  }
}

const closed = () =>
  new AppError('pbx.unavailable', 'the connection to the PBX is closed', { retryable: true })
