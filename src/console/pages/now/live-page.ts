/** The present content of a page in one language and time zone. All its viewers share it. */
export class LivePage {
  /** The HTML of each part, by its id, and the turn in which it changed. */
  readonly #parts = new Map<string, { html: string; changed: number }>()
  /** The events of this turn, by the last turn that a browser has seen. */
  readonly #events = new Map<number, Buffer>()
  /** True if the last turn has failed, so that the content may be outdated. */
  isOld = false
  #at = 0
  #turn = 0

  /** How often it was updated. */
  get turn(): number {
    return this.#turn
  }

  /** @param at ms since the epoch @param parts HTML by the ids of the elements that it replaces */
  update(at: number, parts: Readonly<Record<string, string>>): void {
    this.isOld = false
    this.#at = at
    this.#turn += 1
    this.#events.clear()
    for (const [id, html] of Object.entries(parts))
      if (this.#parts.get(id)?.html !== html) this.#parts.set(id, { html, changed: this.#turn })
  }

  /** The event for a browser that has seen a turn: the parts that have changed since. */
  eventSince(turn: number): Buffer {
    const known = this.#events.get(turn)
    if (known !== undefined) return known
    const changed = [...this.#parts].filter(([, part]) => part.changed > turn)
    const parts = Object.fromEntries(changed.map(([id, { html }]) => [id, html]))
    const made = Buffer.from(`data: ${JSON.stringify({ at: this.#at, parts })}\n\n`)
    this.#events.set(turn, made)
    return made
  }
}
