/** Wakes one sleeper. */
export class WakeSignal {
  #wake: () => void = () => undefined

  /** Wakes the sleeper of this moment. Without one it does nothing. */
  wake(): void {
    this.#wake()
  }

  /**
   * Sleeps until the bell rings, for at most `ms`.
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
