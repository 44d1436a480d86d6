/** Counters since the journal was started, in events unless stated otherwise. */
export interface JournalCounts {
  committed: number
  /** Transactions committed. */
  batches: number
  /** Refused because of their content, by the database or because JSON cannot express them. */
  refused: number
  /** Refused by the database since it last accepted an event or a test event. */
  refusedInRow: number
  /** Written to the spool. */
  spooled: number
  /** Lost because the queue was full, or because they were not yet written when the journal was stopped. */
  dropped: number
  /** Appends that timed out. */
  timeouts: number
  /** Batches that the database could not write, so that they were sent again. */
  retries: number
}

export const zeroCounts = (): JournalCounts => ({
  committed: 0,
  batches: 0,
  refused: 0,
  refusedInRow: 0,
  spooled: 0,
  dropped: 0,
  timeouts: 0,
  retries: 0,
})

/** After this many refused events in a row, the database counts as refusing every event. Fewer may be at fault themselves. */
const REFUSALS_IN_ROW = 3

export const refusesEveryEvent = ({ refusedInRow }: Readonly<JournalCounts>): boolean =>
  refusedInRow >= REFUSALS_IN_ROW
