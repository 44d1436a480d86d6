import type { HoldDeps } from '../retention/holds.js'

export { JOURNAL_TIMEOUT_MS } from '../retention/holds.js'

/** What everything about a person's rights works with. */
export type RightsDeps = HoldDeps
