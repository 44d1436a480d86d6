import type { HoldDeps } from '../retention/holds.js'

export { JOURNAL_TIMEOUT_MS } from '../retention/holds.js'

/** What the functions of this room work with. */
export type RightsDeps = HoldDeps
