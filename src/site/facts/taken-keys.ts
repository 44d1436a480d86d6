import type { LinePolicy } from '../../core/policy.js'

/** The keys of these lines by which callers withdraw, and agents pause or have the caller asked. */
export const keysInCalls = (lines: readonly Pick<LinePolicy, 'keys' | 'askKeys'>[]): string[] => [
  ...new Set(
    lines.flatMap(({ keys, askKeys }) => [keys.withdraw, keys.pause, ...(askKeys ? [askKeys] : [])]),
  ),
]

/**
 * True if one of two codes begins with the other: Asterisk would take its own before `own` is complete, or the reverse.
 */
export const takes = (code: string, own: string): boolean =>
  code !== '' && (own.startsWith(code) || code.startsWith(own))
