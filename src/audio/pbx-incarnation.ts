/** The PBX process that writes to a tap. When it dies, it loses up to one unwritten block of each leg. */
export class PbxIncarnation {
  /** Start time, in the PBX's own format; undefined as long as the PBX has not reported it. */
  #started: string | undefined
  #unreachable: boolean
  #died = false
  #uncertain = false

  /** @param unreachable true for a recovered tap, until the PBX is reached */
  constructor(started: string | undefined, unreachable: boolean) {
    this.#started = started
    this.#unreachable = unreachable
  }

  /** The PBX cannot be reached now, and may have died. */
  get unreachable(): boolean {
    return this.#unreachable
  }

  get died(): boolean {
    return this.#died
  }

  /** The PBX was unreachable, and it is not known whether the same process is back. */
  get uncertain(): boolean {
    return this.#uncertain
  }

  connectionLost(): void {
    this.#unreachable = true
  }

  /** @param started start time of the PBX that can be reached again */
  connectionBack(started: string | undefined): void {
    if (this.#unreachable) {
      this.#uncertain = this.#started === undefined || started === undefined
      this.#died ||= !this.#uncertain && started !== this.#started
    } else this.#started ??= started
    this.#unreachable = false
  }
}
