import type { LinePolicy } from '../../shared/policy.js'

/** What lines are called, by their numbers. A line without a name is not in it. */
export type LineNames = ReadonlyMap<string, string>

export const namesOf = (lines: readonly Pick<LinePolicy, 'number' | 'name'>[]): LineNames =>
  new Map(lines.flatMap(({ number, name }) => (name === undefined ? [] : [[number, name]])))
