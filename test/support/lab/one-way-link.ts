import type { Socket } from 'node:net'

/** Whether and how late data passes. Several links may share one state. */
export interface LinkState {
  /** No data passes. The connection stays open. */
  stalled: boolean
  /** Delay of all data, ms. */
  delayMs: number
}

/** One direction of a connection. Passes data on in order, as the state says. */
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

  /** Passes on the data that is due. Call it after a change of the state. */
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
