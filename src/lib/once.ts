/** Calls a function once, and keeps its result or its error. */
export function once<T>(work: () => T): () => T {
  let kept: { value: T } | { error: unknown } | undefined
  return () => {
    if (!kept) {
      try {
        kept = { value: work() }
      } catch (error) {
        kept = { error }
      }
    }
    if ('error' in kept) throw kept.error
    return kept.value
  }
}
