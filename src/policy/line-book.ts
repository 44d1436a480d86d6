import type { Database } from '../db/database.js'
import { describeFailure } from '../db/failure.js'
import { AppError } from '../shared/errors.js'
import type { Log } from '../shared/log.js'
import type { LinePolicy } from '../shared/policy.js'
import type { LineBook } from '../shared/ports.js'
import { defaultLine } from './default-line.js'
import { validateLine } from './validate.js'

/** Between looks at the table, ms, should a notification ever be missed; a change is normally heard of at once. */
const POLL_MS = 30_000

/** The lines in force, kept in memory: a call must not wait for the database to learn how it is to be treated. */
export interface LiveLineBook extends LineBook {
  /** Every line in force. */
  all(): LinePolicy[]
  stop(): Promise<void>
}

/**
 * Loads the lines and keeps them up to date. While the database is away, what was last in force stays.
 *
 * @throws AppError `db.unavailable` when they cannot be loaded at the start
 */
export async function startLineBook(db: Database, log: Log): Promise<LiveLineBook> {
  let lines: ReadonlyMap<string, LinePolicy> = new Map()

  const load = async () => {
    const rows = await db
      .selectFrom('line')
      .select(['number', 'version', 'policy'])
      .where('active', '=', true)
      .execute()
    lines = new Map(
      rows.map(row => {
        const known = lines.get(row.number)
        return [row.number, known?.version === row.version ? known : readLine(row, log)]
      }),
    )
  }
  await load().catch((error: unknown) => {
    throw new AppError('db.unavailable', `The lines cannot be loaded: ${describeFailure(error)}`, {
      retryable: true,
    })
  })

  // One load at a time, so that an older answer never replaces a newer one.
  let loading = Promise.resolve()
  const reload = () => {
    loading = loading.then(load).catch((error: unknown) => {
      log.warn(
        { reason: describeFailure(error) },
        'the lines could not be loaded again; those known stay in force',
      )
    })
  }
  const listener = db.listen('line_changed', reload)
  const poll = setInterval(reload, POLL_MS)
  return {
    find: number => lines.get(number),
    all: () => [...lines.values()],
    async stop() {
      clearInterval(poll)
      await listener.stop()
      await loading
    },
  }
}

interface LineRow {
  number: string
  version: number
  policy: unknown
}

/** A policy that does not hold, however it came into the database, must harm no other line: its own is not recorded. */
function readLine({ number, version, policy }: LineRow, log: Log): LinePolicy {
  try {
    return { ...validateLine({ ...(policy as object), number }), version }
  } catch (error) {
    log.error(
      { line: number, version, reason: (error as Error).message },
      'a line is not recorded: its policy is faulty',
    )
    return defaultLine(number, version)
  }
}
