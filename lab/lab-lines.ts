import type { Actor } from '../src/core/actor.js'
import { systemClock } from '../src/core/clock.js'
import type { HeardLanguage, LinePolicy, PurposePolicy } from '../src/core/policy.js'
import type { Database } from '../src/db/database.js'
import { startJournal } from '../src/journal/journal.js'
import { createLog } from '../src/lib/log.js'
import { findLines } from '../src/lines/line-rows.js'
import { saveLines } from '../src/lines/save-lines.js'
import { type Line, validateLine } from '../src/lines/validate.js'

/** The actor of a lab's setup, for the journal. */
export const LAB_ACTOR: Actor = { name: 'lab', way: 'command', roles: ['superuser'] }

const CONSENT_BASIS: Record<HeardLanguage, string> = {
  ru: 'Согласие субъекта персональных данных (п. 1 ч. 1 ст. 6 Федерального закона № 152-ФЗ)',
  en: 'Consent of the data subject (GDPR, Article 6(1)(a))',
}

const NOTICE_BASIS =
  'Legitimate interest in service quality; the caller is told and stays on the line (GDPR, Article 6(1)(f))'

/** The service purpose alone. Its disclosure has named it. */
const service = (legalBasis: string): PurposePolicy => ({
  purpose: 'service',
  retentionDays: 30,
  legalBasis,
  prompts: { question: 'question', granted: 'granted', refused: 'refused' },
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

/** The disclosure has named the keys, so the question is asked once. A silent caller reaches the agent within 25 s. */
const keyLine = (number: string, language: HeardLanguage): Line =>
  validateLine({
    number,
    language,
    mode: 'key',
    disclosure: 'disclosure-key',
    purposes: [service(CONSENT_BASIS[language])],
    retries: 0,
  })

/** A line that asks by voice or key. The embedded engine is experimental, so the line enables it explicitly. */
export const voiceLine = (number: string, language: HeardLanguage): Line =>
  validateLine({
    ...keyLine(number, language),
    mode: 'voice-or-key',
    voice: { engine: 'embedded', experimental: true },
    disclosure: 'disclosure-voice',
    purposes: [
      {
        ...service(CONSENT_BASIS[language]),
        prompts: { question: 'question-voice', granted: 'granted', refused: 'refused' },
      },
    ],
    ...{ retries: 0, waitMs: 4_000 },
  })

/** The lines of the lab. Keys and next steps are the defaults of `lineSchema`. */
export const labLines: readonly Line[] = [
  keyLine('100', 'ru'),
  keyLine('101', 'en'),
  voiceLine('102', 'ru'),
  voiceLine('103', 'en'),
  {
    ...keyLine('104', 'en'),
    mode: 'notice',
    disclosure: 'disclosure-notice',
    purposes: [service(NOTICE_BASIS)],
  },
  {
    ...keyLine('105', 'ru'),
    waitMs: 2_500,
    disclosure: 'disclosure-purposes',
    purposes: [serviceAmongOthers(CONSENT_BASIS.ru), marketing(CONSENT_BASIS.ru)],
  },
]

/**
 * Saves the lab lines whose number is not a line yet. Lines that an admin changed stay.
 *
 * @param url the same database as `db`, for the journal
 */
export async function saveLabLines(db: Database, url: string): Promise<void> {
  const stored = await findLines(
    db,
    labLines.map(({ number }) => number),
  )
  const known = new Set(stored.map(({ number }) => number))
  const missing = labLines.filter(({ number }) => !known.has(number))
  if (missing.length > 0) await setLabLines(db, url, ...missing)
}

/** Saves lines as a lab does, without checking their prompts, stores and keys. @returns the new versions */
export async function setLabLines(db: Database, url: string, ...inputs: object[]): Promise<LinePolicy[]> {
  const journal = startJournal(url, createLog('warn'))
  try {
    return await saveLines({ db, journal, clock: systemClock }, LAB_ACTOR, inputs.map(validateLine))
  } finally {
    await journal.stop()
  }
}
