import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import type { Test } from 'tap'
import { LOOPBACK } from '../../../lab/ports.js'
import { type LinkState, OneWayLink } from './one-way-link.js'

/** What a connection to ARI begins with if it is to carry events. */
const EVENTS_REQUEST = 'GET /ari/events'

interface Pair {
  near: Socket
  far: Socket
  ways: OneWayLink[]
  events: boolean
}

/** The network between the service and its PBX, or its database, which a test can cut and slow down. */
export class NetworkProxy {
  /** Which connections do not get through. */
  #cut: 'nothing' | 'events' | 'everything' = 'nothing'
  readonly #state: LinkState = { stalled: false, delayMs: 0 }
  readonly #pairs = new Set<Pair>()
  /** Connections that were tried, whether they got through or not. */
  connectionAttempts = 0

  private constructor(
    private readonly server: Server,
    private readonly target: number,
    /** Where the service finds the other side. */
    readonly url: string,
  ) {}

  /** @param target URL of the other side, which is on this machine */
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

  /** The same, gone with the test. */
  static async startForTest(t: Test, target: string): Promise<NetworkProxy> {
    const network = await NetworkProxy.start(target)
    t.teardown(() => network.close())
    return network
  }

  close(): void {
    this.cut('everything')
    this.server.close()
  }

  /** From now on nothing gets through, or no events do: what is open is closed, what is new is refused. */
  cut(what: 'events' | 'everything'): void {
    this.#cut = what
    for (const { near, far, events } of this.#pairs) {
      if (what === 'events' && !events) continue
      near.destroy()
      far.destroy()
    }
  }

  /** What carries no events is closed; what is new gets through. */
  closeRequestConnections(): void {
    for (const { near, far, events } of this.#pairs) {
      if (events) continue
      near.destroy()
      far.destroy()
    }
  }

  /** From now on nothing arrives, in either direction, though all connections stay. */
  stall(): void {
    this.#change({ stalled: true })
  }

  /** From now on everything arrives so much later, ms, in order. */
  delay(delayMs: number): void {
    this.#change({ delayMs })
  }

  restore(): void {
    this.#cut = 'nothing'
    this.#change({ stalled: false, delayMs: 0 })
  }

  /** Puts bytes among those that the other side sends on its event sockets. */
  inject(bytes: Buffer): void {
    for (const { near, events } of this.#pairs) if (events) near.write(bytes)
  }

  #change(state: Partial<LinkState>): void {
    Object.assign(this.#state, state)
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
      pair.ways = [new OneWayLink(near, far, this.#state), new OneWayLink(far, near, this.#state)]
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
