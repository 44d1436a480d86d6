import { inParallel } from '../../lib/lane.js'

/** Prompts made at once. Each occupies one processor, and calls need some. */
const AT_ONCE = 2

/**
 * Makes several prompts, two at once. After a failure no other one is started.
 *
 * @param onProgress called after each prompt with the number made
 * @throws the first failure, after the started ones have ended
 */
export async function makeSeveral<T>(
  items: readonly T[],
  make: (item: T) => Promise<unknown>,
  onProgress: (made: number) => void = () => {},
): Promise<void> {
  const failures: unknown[] = []
  let made = 0
  await inParallel(items, AT_ONCE, async item => {
    if (failures.length > 0) return
    try {
      await make(item)
      onProgress(++made)
    } catch (error) {
      failures.push(error)
    }
  })
  if (failures.length > 0) throw failures[0]
}
