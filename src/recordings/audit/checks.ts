import type { AuditFault, AuditKind } from './faults.js'

/** One check of an audit, with the number of faults. */
export interface AuditCheck {
  check: string
  /** Number of recordings, containers or keys that were checked. */
  of: number
  faults: number
}

/** How much an audit checked. */
export interface AuditCounts {
  recordings: number
  objects: number
  keys: number
}

/** Every kind of fault, with the check that finds it. The order follows the life of a recording. */
const CHECKS: readonly { check: string; of: keyof AuditCounts; kinds: readonly AuditKind[] }[] = [
  { check: 'each recording rests on a yes', of: 'recordings', kinds: ['consent-missing'] },
  {
    check: 'each container is there',
    of: 'recordings',
    kinds: ['object-missing', 'object-unreadable', 'not-found'],
  },
  {
    check: 'each container is as it was sealed',
    of: 'recordings',
    kinds: [
      'container-damaged',
      'container-cut',
      'container-grown',
      'hash-differs',
      'header-differs',
      'key-refused',
    ],
  },
  { check: 'each key is there', of: 'recordings', kinds: ['key-missing'] },
  { check: 'each key is sealed for the recipients of today', of: 'recordings', kinds: ['key-outdated'] },
  { check: 'each key lies under its day, on every mirror', of: 'keys', kinds: ['key-day', 'key-unmirrored'] },
  { check: 'nothing is kept past its term', of: 'recordings', kinds: ['overdue', 'term-differs'] },
  {
    check: 'what was destroyed is gone, and journalled',
    of: 'recordings',
    kinds: ['destroyed-present', 'destroyed-unjournalled'],
  },
  { check: 'each container is known', of: 'objects', kinds: ['object-orphan', 'object-unjournalled'] },
  { check: 'each key is known', of: 'keys', kinds: ['key-orphan'] },
  { check: 'purposes are apart', of: 'objects', kinds: ['misplaced'] },
]

/** @returns all checks with their number of faults */
export const checksOf = (counts: AuditCounts, faults: readonly AuditFault[]): AuditCheck[] =>
  CHECKS.map(({ check, of, kinds }) => ({
    check,
    of: counts[of],
    faults: faults.filter(({ kind }) => kinds.includes(kind)).length,
  }))

/** @returns the number of faults of each kind */
export function countKinds(faults: readonly AuditFault[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { kind } of faults) counts[kind] = (counts[kind] ?? 0) + 1
  return counts
}
