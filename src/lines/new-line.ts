import type { Language } from '../core/policy.js'
import { describeLanguage } from '../languages/languages.js'
import type { Line } from './validate.js'

/** A complete line with the shipped prompts, to begin from: it asks once for consent to recordings for service quality. */
export const newLine = (number: string, language: Language): Partial<Line> & Pick<Line, 'number'> => ({
  ...{ number, language, mode: 'key', disclosure: 'disclosure-key', retries: 0 },
  purposes: [
    {
      purpose: 'service',
      retentionDays: 30,
      legalBasis: describeLanguage(language).legalBasis,
      prompts: { question: 'question', granted: 'granted', refused: 'refused' },
    },
  ],
})
