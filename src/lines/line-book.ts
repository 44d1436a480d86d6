// This room holds the lines: it validates and saves their policies, and keeps those in force in memory for calls.

import type { LinePolicy } from '../core/policy.js'
import type { LineBook } from '../core/ports.js'
import type { Database } from '../db/database.js'
import { follow } from '../db/follow.js'
import type { Log } from '../lib/log.js'
import { unknownLine } from './unknown-line.js'
import { validateLine } from './validate.js'

/** The lines in force, in memory, so that no call waits for the database. */
export interface LiveLineBook extends LineBook {
  /** Every line in force. */
  all(): LinePolicy[]
  /** Calls this now, and after each load that may have changed lines. */
  onLoaded(listener: () => void): void
  stop(): Promise<void>
}

/**
 * Loads the lines and reloads them after changes. While the database is away, the last known lines stay in force.
 *
 * @param doubtfulWords finds prompts of a line that contradict it, or may disclose nothing, as sentences for the log
 * @throws AppError `db.unavailable` if the first load fails
 */
export async function startLineBook(
  db: Database,
  log: Log,
  doubtfulWords: (line: LinePolicy) => string[] = () => [],
): Promise<LiveLineBook> {
  let lines: ReadonlyMap<string, LinePolicy> = new Map()
  let loaded = () => {}

  const load = async () => {
    const rows = await db
      .selectFrom('line')
      .select(['number', 'version', 'policy'])
      .where('active', '=', true)
      .execute()
    const before = lines
    lines = new Map(
      rows.map(row => {
        const known = before.get(row.number)
        return [row.number, known?.version === row.version ? known : readLine(row, log)]
      }),
    )
    for (const line of lines.values())
      if (before.get(line.number) !== line)
        for (const fault of doubtfulWords(line))
          log.warn(`${fault}: change the line, or have other words spoken (docs/lines.md, Prompts)`)
    loaded()
  }
  const following = await follow(db, { channel: 'line_changed', what: 'lines', load, log })
  return {
    find: number => lines.get(number),
    all: () => [...lines.values()],
    onLoaded(listener) {
      loaded = listener
      listener()
    },
    stop: () => following.stop(),
  }
}

interface LineRow {
  number: string
  version: number
  policy: unknown
}

/** Reads the policy of a line. An invalid policy affects only its own line, which is then not recorded. */
function readLine({ number, version, policy }: LineRow, log: Log): LinePolicy {
  try {
    return { ...validateLine({ ...(policy as object), number }), version }
  } catch (error) {
    log.error(
      { line: number, version, reason: (error as Error).message },
      'a line is not recorded because its policy is invalid: save it again with consentry line set',
    )
    return unknownLine(number, version)
  }
}
