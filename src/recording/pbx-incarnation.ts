/** The PBX process that writes to a tap: with it ends what it had of the tap in its hands, up to a block of each leg. */
export class PbxIncarnation {
  /** When it was started, in its own words; undefined as long as it has not said. */
  #started: string | undefined
  #away: boolean
  #died = false
  #doubtful = false

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

  /** It was away, and whether the same one is back it has not said. */
  get doubtful(): boolean {
    return this.#doubtful
  }

  lost(): void {
    this.#away = true
  }

  /** @param started when the PBX was started that is heard again */
  back(started: string | undefined): void {
    if (this.#away) {
      this.#doubtful = this.#started === undefined || started === undefined
      this.#died ||= !this.#doubtful && started !== this.#started
    } else this.#started ??= started
    this.#away = false
  }
}
