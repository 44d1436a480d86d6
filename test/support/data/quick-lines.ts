/**
 * A prompt of 14 s, for lines on which something happens while it is played. It leaves time on any machine, and costs none
 * because a key or the hang-up ends it.
 */
export const LONG_PROMPT = 'disclosure-notice'
/** How long a line waits for a key that a test always sends, ms. */
export const LONG_WAIT_MS = 20_000

/** A purpose with the shortest prompts for question and confirmation. */
export const quickPurpose = (purpose = 'service', prompts: object = {}) => ({
  purpose,
  retentionDays: 30,
  legalBasis: 'consent',
  prompts: { question: 'refused-marketing', granted: 'granted-marketing', refused: 'refused', ...prompts },
})

/** A line on which every prompt takes less than two seconds. */
export const quickLine = (number: string, changes: object = {}) => ({
  number,
  language: 'en',
  mode: 'key',
  disclosure: 'granted-marketing',
  purposes: [quickPurpose()],
  waitMs: 2_000,
  ...changes,
})
