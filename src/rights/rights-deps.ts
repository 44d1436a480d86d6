import type { Db } from '../db/database.js'
import type { Clock } from '../shared/clock.js'
import type { EventSink } from '../shared/ports.js'

/** What everything about a person's rights works with. */
export interface RightsDeps {
  db: Db
  journal: EventSink
  clock: Clock
}

/** How long the journal may take to confirm, ms: somebody waits at a terminal. */
export const JOURNAL_MS = 10_000
