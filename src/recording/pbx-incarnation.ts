/** The PBX process that writes to a tap: with it ends what it had of the tap in its hands, up to a block of each leg. */
export class PbxIncarnation {
  /** When it was started, in its own words; undefined as long as it has not said. */
  #started: string | undefined
  #unreachable: boolean
  #died = false
  #uncertain = false

  /** @param unreachable it has not been heard yet: a service before us began the tap */
  constructor(started: string | undefined, unreachable: boolean) {
    this.#started = started
    this.#unreachable = unreachable
  }

  /** It cannot be heard now, and may be gone. */
  get away(): boolean {
    return this.#unreachable
  }

  get died(): boolean {
    return this.#died
  }

  /** It was away, and whether the same one is back it has not said. */
  get uncertain(): boolean {
    return this.#uncertain
  }

  connectionLost(): void {
    this.#unreachable = true
  }

  /** @param started when the PBX was started that is heard again */
  connectionBack(started: string | undefined): void {
    if (this.#unreachable) {
      this.#uncertain = this.#started === undefined || started === undefined
      this.#died ||= !this.#uncertain && started !== this.#started
    } else this.#started ??= started
    this.#unreachable = false
  }
}
