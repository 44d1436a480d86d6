/**
 * How a volume of keys or recordings is recognised by its mark, and what happens to a missing folder or mark.
 *
 * - `make`: the folder and the mark are made. For an installation that has stored nothing yet.
 * - `refuse`: opening the volume fails.
 * - `refuse at use`: opening succeeds, and each operation fails.
 * - `nothing kept yet`: no folder has ever been marked. The mark is not checked, and a missing folder counts as empty.
 */
export type Marking =
  | { id: string; ifMissing: 'make' | 'refuse' | 'refuse at use' }
  | { ifMissing: 'nothing kept yet' }
