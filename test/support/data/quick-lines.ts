/**
 * The prompt for lines on which somebody does something while it is played: of 14 s, so that there is time on any machine. It
 * costs none, for a key or the hang-up ends it.
 */
export const LONG_PROMPT = 'disclosure-notice'
/** How long such a line waits for a key that surely comes, ms. */
export const LONG_WAIT_MS = 20_000

/** A purpose that is asked about and confirmed with the shortest prompts there are. */
export const quickPurpose = (purpose = 'service', prompts: object = {}) => ({
  purpose,
  retentionDays: 30,
  legalBasis: 'consent',
  prompts: { question: 'refused-marketing', granted: 'granted-marketing', refused: 'refused', ...prompts },
})

/** A line whose every prompt takes less than two seconds, for tests to which their length does not matter. */
export const quickLine = (number: string, changes: object = {}) => ({
  number,
  language: 'en',
  mode: 'key',
  disclosure: 'granted-marketing',
  purposes: [quickPurpose()],
  waitMs: 2_000,
  ...changes,
})
