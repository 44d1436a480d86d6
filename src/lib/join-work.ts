/** Makes a function that runs `work`, or waits for the run in progress. Concurrent calls cost as much as one. */
export function joinWork<T>(work: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | undefined
  return () => {
    running ??= work().finally(() => {
      running = undefined
    })
    return running
  }
}
