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
