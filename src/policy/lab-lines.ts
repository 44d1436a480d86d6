import type { Db } from '../db/database.js'
import type { Language, PurposePolicy } from '../shared/policy.js'
import { saveLine } from './save-line.js'
import { type Line, validateLine } from './validate.js'

const CONSENT_BASIS: Record<Language, string> = {
  ru: 'Согласие субъекта персональных данных (п. 1 ч. 1 ст. 6 Федерального закона № 152-ФЗ)',
  en: 'Consent of the data subject (GDPR, Article 6(1)(a))',
}

const NOTICE_BASIS =
  'Legitimate interest in service quality; the caller is told and stays on the line (GDPR, Article 6(1)(f))'

const service = (legalBasis: string): PurposePolicy => ({
  purpose: 'service',
  retentionDays: 30,
  legalBasis,
  prompts: { question: 'question-service', granted: 'granted', refused: 'refused' },
})

/** The service purpose beside marketing. Its prompt after a no must not say that nothing is recorded. */
const serviceAmongOthers = (legalBasis: string): PurposePolicy => ({
  ...service(legalBasis),
  prompts: { question: 'question-service', granted: 'granted-service', refused: 'refused-service' },
})

const marketing = (legalBasis: string): PurposePolicy => ({
  purpose: 'marketing',
  retentionDays: 30,
  legalBasis,
  prompts: { question: 'question-marketing', granted: 'granted-marketing', refused: 'refused-marketing' },
})

const keyLine = (number: string, language: Language): Line =>
  validateLine({
    number,
    language,
    mode: 'key',
    disclosure: 'disclosure-key',
    purposes: [service(CONSENT_BASIS[language])],
  })

/** The lines of the lab. Keys, times and next steps are the defaults of `lineSchema`. */
export const labLines: readonly Line[] = [
  keyLine('100', 'ru'),
  keyLine('101', 'en'),
  keyLine('102', 'ru'),
  keyLine('103', 'en'),
  {
    ...keyLine('104', 'en'),
    mode: 'notice',
    disclosure: 'disclosure-notice',
    purposes: [service(NOTICE_BASIS)],
  },
  {
    ...keyLine('105', 'ru'),
    disclosure: 'disclosure-purposes',
    purposes: [serviceAmongOthers(CONSENT_BASIS.ru), marketing(CONSENT_BASIS.ru)],
  },
]

/** Saves the lab lines whose number is not a line yet. Lines that an admin changed stay. */
export async function saveLabLines(db: Db): Promise<void> {
  const known = new Set((await db.selectFrom('line').select('number').execute()).map(({ number }) => number))
  for (const line of labLines) if (!known.has(line.number)) await saveLine(db, line)
}
