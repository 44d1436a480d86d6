/** Wakes one sleeper. */
export class Bell {
  #wake: () => void = () => undefined

  /** Wakes whoever sleeps now; nobody who sleeps later. */
  ring(): void {
    this.#wake()
  }

  /**
   * Sleeps until the bell rings, or for so long.
   *
   * @returns false if it did not ring
   */
  sleep(ms: number): Promise<boolean> {
    return new Promise(resolve => {
      const over = setTimeout(() => resolve(false), ms)
      this.#wake = () => {
        clearTimeout(over)
        resolve(true)
      }
    })
  }
}
