import type { LinePolicy } from '../shared/policy.js'

/** The keys by which callers and agents of these lines withdraw and pause, and have somebody asked. */
export const keysInCalls = (lines: readonly Pick<LinePolicy, 'keys' | 'askKeys'>[]): string[] => [
  ...new Set(
    lines.flatMap(({ keys, askKeys }) => [keys.withdraw, keys.pause, ...(askKeys ? [askKeys] : [])]),
  ),
]

/** Whether Asterisk takes a code of its own before somebody has pressed `own`, or the other way round. */
export const takes = (code: string, own: string): boolean =>
  code !== '' && (own.startsWith(code) || code.startsWith(own))
