import { codeOf } from '../../../../src/core/errors.js'

/** Returns `done`, or the error code with which the work failed. */
export const outcome = (work: () => Promise<unknown>): Promise<string> =>
  work().then(
    () => 'done',
    error => codeOf(error) ?? String(error),
  )

/** Reads a listing to its end. */
export async function all<T>(entries: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const entry of entries) found.push(entry)
  return found
}
