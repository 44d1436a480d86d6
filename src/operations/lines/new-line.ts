import type { Line } from '../../policy/validate.js'
import type { Language } from '../../shared/policy.js'

const LEGAL_BASIS: Record<Language, string> = {
  ru: 'Согласие субъекта персональных данных (п. 1 ч. 1 ст. 6 Федерального закона № 152-ФЗ)',
  en: 'Consent of the data subject (GDPR, Article 6(1)(a))',
}

/** A complete line with the shipped prompts, to begin from: it asks once for consent to recordings for service quality. */
export const newLine = (number: string, language: Language): Partial<Line> & Pick<Line, 'number'> => ({
  ...{ number, language, mode: 'key', disclosure: 'disclosure-key', retries: 0 },
  purposes: [
    {
      purpose: 'service',
      retentionDays: 30,
      legalBasis: LEGAL_BASIS[language],
      prompts: { question: 'question', granted: 'granted', refused: 'refused' },
    },
  ],
})
