import type { Test } from 'tap'

/**
 * Asserts that a list has one item for each pattern, in order, and no others. `t.match` alone ignores items beyond the patterns.
 *
 * @param patterns as `t.match` takes them, one for each item
 */
export function matchEach(
  t: Test,
  found: readonly unknown[] | undefined,
  patterns: readonly unknown[],
  message?: string,
): void {
  t.equal(found?.length, patterns.length, `${message ? `${message}: ` : ''}number of items`)
  t.match(found, patterns, ...(message ? [message] : []))
}
