import type { LinePolicy } from '../core/policy.js'

/** The names of lines, by their numbers. Lines without a name are absent. */
export type LineNames = ReadonlyMap<string, string>

export const namesOf = (lines: readonly Pick<LinePolicy, 'number' | 'name'>[]): LineNames =>
  new Map(lines.flatMap(({ number, name }) => (name === undefined ? [] : [[number, name]])))
