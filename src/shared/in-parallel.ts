/** Does `work` for every item, at most `width` at once; ends with the last one, or with the first failure. */
export async function inParallel<T>(
  items: Iterable<T>,
  width: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const left = items[Symbol.iterator]()
  const next = async (): Promise<void> => {
    for (let item = left.next(); !item.done; item = left.next()) await work(item.value)
  }
  await Promise.all(Array.from({ length: width }, next))
}
