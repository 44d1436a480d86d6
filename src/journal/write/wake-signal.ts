/** Suspends one task until another one wakes it. */
export class WakeSignal {
  #wake: () => void = () => undefined

  /** Ends the current sleep, if there is one. */
  wake(): void {
    this.#wake()
  }

  /**
   * Sleeps until `wake` is called.
   *
   * @param ms longest sleep, ms
   * @returns false if `ms` passed without a call of `wake`
   */
  sleep(ms: number): Promise<boolean> {
    return new Promise(resolve => {
      const timer = setTimeout(() => resolve(false), ms)
      this.#wake = () => {
        clearTimeout(timer)
        resolve(true)
      }
    })
  }
}
