import type { Socket } from 'node:net'

/** What the network does to a connection that lasts. */
export interface LinkState {
  /** Nothing gets through, and nobody is told. */
  stalled: boolean
  /** How late everything arrives, ms. */
  delayMs: number
}

/** One way of a connection: passes on what comes, in order, as the weather has it. */
export class OneWayLink {
  readonly #waiting: { chunk: Buffer; due: number }[] = []
  #timer: NodeJS.Timeout | undefined

  constructor(
    private readonly from: Socket,
    private readonly to: Socket,
    private readonly state: LinkState,
  ) {
    from.on('data', chunk => this.add(chunk as Buffer))
    from.on('close', () => clearTimeout(this.#timer))
  }

  add(chunk: Buffer): void {
    this.#waiting.push({ chunk, due: performance.now() + this.state.delayMs })
    this.flush()
  }

  /** Passes on what is due; to be called when the weather has changed. */
  flush(): void {
    clearTimeout(this.#timer)
    if (this.state.stalled) return void this.from.pause()
    this.from.resume()
    const now = performance.now()
    for (let next = this.#waiting[0]; next; next = this.#waiting[0]) {
      if (next.due > now) {
        this.#timer = setTimeout(() => this.flush(), next.due - now)
        return
      }
      this.to.write(next.chunk)
      this.#waiting.shift()
    }
  }
}
