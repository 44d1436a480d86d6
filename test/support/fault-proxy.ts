import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { Test } from 'tap'
import { LOOPBACK } from '../../src/lab/ports.js'

/** What a connection to ARI begins with if it is to carry events. */
const EVENTS = 'GET /ari/events'

/** The network between the service and its PBX, which a test can cut. */
export class Network {
  /** Which connections do not get through. */
  #cut: 'nothing' | 'events' | 'everything' = 'nothing'
  readonly #pairs = new Set<{ near: Socket; far: Socket; events: boolean }>()

  private constructor(
    private readonly target: number,
    /** Where the service finds the PBX. */
    readonly url: string,
  ) {}

  /** @param pbx `http://host:port` */
  static async between(t: Test, pbx: string): Promise<Network> {
    const server = createServer({ pauseOnConnect: true })
    server.listen(0, LOOPBACK)
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const network = new Network(Number(new URL(pbx).port), `http://${LOOPBACK}:${port}`)
    server.on('connection', near => network.#join(near))
    t.teardown(() => {
      network.cut('everything')
      server.close()
    })
    return network
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
  dropOrders(): void {
    for (const { near, far, events } of this.#pairs) {
      if (events) continue
      near.destroy()
      far.destroy()
    }
  }

  restore(): void {
    this.#cut = 'nothing'
  }

  #join(near: Socket): void {
    const far = connect(this.target, LOOPBACK)
    const pair = { near, far, events: false }
    this.#pairs.add(pair)
    near.once('data', (first: Buffer) => {
      pair.events = first.toString('latin1').startsWith(EVENTS)
      if (this.#cut === 'everything' || (this.#cut === 'events' && pair.events)) return near.destroy()
      far.write(first)
      near.pipe(far)
      far.pipe(near)
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
