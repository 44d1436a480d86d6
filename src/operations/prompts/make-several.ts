import { inParallel } from '../../shared/lane.js'

/** How many prompts are made at once. Each keeps one processor busy, and calls need some. */
const AT_ONCE = 2

/**
 * Makes several prompts, two at once. After a failure none is begun any more.
 *
 * @param told called with how many are made, after each of them
 * @throws the first failure, once what had begun is over
 */
export async function makeSeveral<T>(
  items: readonly T[],
  make: (item: T) => Promise<unknown>,
  told: (made: number) => void = () => {},
): Promise<void> {
  const failures: unknown[] = []
  let made = 0
  await inParallel(items, AT_ONCE, async item => {
    if (failures.length > 0) return
    try {
      await make(item)
      told(++made)
    } catch (error) {
      failures.push(error)
    }
  })
  if (failures.length > 0) throw failures[0]
}
