import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import type { Test } from 'tap'
import { LOOPBACK } from '../../../lab/ports.js'
import { type LinkState, OneWayLink } from './one-way-link.js'

/** Beginning of the request that opens ARI's event socket. */
const EVENTS_REQUEST = 'GET /ari/events'

interface Pair {
  near: Socket
  far: Socket
  ways: OneWayLink[]
  events: boolean
}

/** A proxy between the service and its PBX or database. A test can cut, stall and slow down the connections. */
export class NetworkProxy {
  /** Which connections are refused. */
  #cut: 'nothing' | 'events' | 'everything' = 'nothing'
  readonly #state: LinkState = { stalled: false, delayMs: 0 }
  /** The same of ARI's event sockets. */
  readonly #eventsState: LinkState = { stalled: false, delayMs: 0 }
  readonly #pairs = new Set<Pair>()
  /** Number of connection attempts, refused ones included. */
  connectionAttempts = 0

  private constructor(
    private readonly server: Server,
    private readonly target: number,
    /** URL for the service to use. */
    readonly url: string,
  ) {}

  /** @param target URL of the other side, on this machine */
  static async start(target: string): Promise<NetworkProxy> {
    const server = createServer({ pauseOnConnect: true })
    server.listen(0, LOOPBACK)
    await once(server, 'listening')
    const near = new URL(target)
    near.port = String((server.address() as AddressInfo).port)
    const url = near.pathname === '/' ? near.origin : near.href
    const network = new NetworkProxy(server, Number(new URL(target).port), url)
    server.on('connection', near => network.#join(near))
    return network
  }

  /** As {@link start}, but the proxy closes when the test ends. */
  static async startForTest(t: Test, target: string): Promise<NetworkProxy> {
    const network = await NetworkProxy.start(target)
    t.teardown(() => network.close())
    return network
  }

  close(): void {
    this.cut('everything')
    this.server.close()
  }

  /** Closes connections and refuses new ones: all, or only those for ARI events. */
  cut(what: 'events' | 'everything'): void {
    this.#cut = what
    for (const { near, far, events } of this.#pairs) {
      if (what === 'events' && !events) continue
      near.destroy()
      far.destroy()
    }
  }

  /** Closes the connections that carry no events. New ones are accepted. */
  closeRequestConnections(): void {
    for (const { near, far, events } of this.#pairs) {
      if (events) continue
      near.destroy()
      far.destroy()
    }
  }

  /** Stops all data in both directions, or only that of ARI's event sockets. The connections stay open, and new ones are accepted. */
  stall(what: 'events' | 'everything' = 'everything'): void {
    this.#change({ stalled: true }, what)
  }

  /** Stops all data of the connections that are open now, as long as they last. New ones are not affected. */
  forgetPresent(): void {
    for (const { near, far } of this.#pairs) {
      near.pause()
      far.pause()
    }
  }

  /** Delays all data, ms. The order does not change. */
  delay(delayMs: number): void {
    this.#change({ delayMs })
  }

  restore(): void {
    this.#cut = 'nothing'
    this.#change({ stalled: false, delayMs: 0 })
  }

  /** Inserts bytes into what the other side sends on ARI's event sockets. */
  inject(bytes: Buffer): void {
    for (const { near, events } of this.#pairs) if (events) near.write(bytes)
  }

  #change(state: Partial<LinkState>, what: 'events' | 'everything' = 'everything'): void {
    Object.assign(this.#eventsState, state)
    if (what === 'everything') Object.assign(this.#state, state)
    for (const { ways } of this.#pairs) for (const way of ways) way.flush()
  }

  #join(near: Socket): void {
    this.connectionAttempts += 1
    const far = connect(this.target, LOOPBACK)
    const pair: Pair = { near, far, ways: [], events: false }
    this.#pairs.add(pair)
    near.once('data', (first: Buffer) => {
      pair.events = first.toString('latin1').startsWith(EVENTS_REQUEST)
      if (this.#cut === 'everything' || (this.#cut === 'events' && pair.events)) return near.destroy()
      const state = pair.events ? this.#eventsState : this.#state
      pair.ways = [new OneWayLink(near, far, state), new OneWayLink(far, near, state)]
      pair.ways[0]!.add(first)
    })
    for (const [side, other] of [
      [near, far],
      [far, near],
    ] as const) {
      side.on('error', () => {})
      side.on('close', () => {
        this.#pairs.delete(pair)
        other.destroy()
      })
    }
    near.resume()
  }
}
