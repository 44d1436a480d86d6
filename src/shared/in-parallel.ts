/** Runs `work` for all items, at most `width` at once. Resolves with the last one, rejects with the first failure. */
export async function inParallel<T>(
  items: Iterable<T>,
  width: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const remaining = items[Symbol.iterator]()
  const worker = async (): Promise<void> => {
    for (let item = remaining.next(); !item.done; item = remaining.next()) await work(item.value)
  }
  await Promise.all(Array.from({ length: width }, worker))
}
