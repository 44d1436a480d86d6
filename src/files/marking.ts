/**
 * How a folder of keys or recordings is known.
 *
 * - `make`: where nothing was ever kept, a folder that is missing or carries no mark is made and marked.
 * - `refuse`: it must be there and carry the mark, at once.
 * - `refuse at use`: the same, whenever something of it is wanted.
 * - `nothing kept yet`: no folder was ever marked, so that one that is missing is an empty one.
 */
export type Marking =
  | { id: string; ifMissing: 'make' | 'refuse' | 'refuse at use' }
  | { ifMissing: 'nothing kept yet' }
