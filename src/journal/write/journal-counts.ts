/** What the journal has done since it was started, in events unless named otherwise. */
export interface JournalCounts {
  committed: number
  /** Transactions committed. */
  batches: number
  /** Turned away for what they say, by the database or because JSON cannot express them. */
  refused: number
  /** Refused by the database since it last took an event, or would have taken one. */
  refusedInRow: number
  /** Written to the spool. */
  spooled: number
  /** Lost: noted while the queue was full, or not written when the journal was stopped. */
  dropped: number
  /** Appends that were given up by their time-out. */
  timeouts: number
  /** Batches that did not go through because of the database's condition, and were sent again. */
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

/** After so many events refused in a row, the database counts as one that refuses everything. */
const REFUSALS_IN_ROW = 3

export const refusesEveryEvent = ({ refusedInRow }: Readonly<JournalCounts>): boolean =>
  refusedInRow >= REFUSALS_IN_ROW
