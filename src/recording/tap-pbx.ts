/** The PBX process that writes to a tap: with it ends what it had of the tap in its hands, up to a block of each leg. */
export class TapPbx {
  /** When it was started, in its own words; undefined if it did not say. */
  readonly #started: string | undefined
  #away: boolean
  #died = false

  /** @param away it has not been heard yet: a service before us began the tap */
  constructor(started: string | undefined, away: boolean) {
    this.#started = started
    this.#away = away
  }

  /** It cannot be heard now, and may be gone. */
  get away(): boolean {
    return this.#away
  }

  get died(): boolean {
    return this.#died
  }

  lost(): void {
    this.#away = true
  }

  /** @param started when the PBX was started that is heard again */
  back(started: string | undefined): void {
    this.#away = false
    this.#died ||= this.#started !== undefined && started !== undefined && started !== this.#started
  }
}
