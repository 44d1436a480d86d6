import type { LinePolicy } from '../../../src/core/policy.js'

const purpose = (name: string) => ({
  purpose: name,
  retentionDays: 30,
  legalBasis: 'consent',
  prompts: { question: `question-${name}`, granted: `granted-${name}`, refused: `refused-${name}` },
})

/** A line that asks for one purpose by key. */
export const keyLine: LinePolicy = {
  number: '100',
  version: 1,
  language: 'en',
  mode: 'key',
  disclosure: 'disclosure-key',
  purposes: [purpose('service')],
  keys: { yes: '1', no: '2', withdraw: '*9', pause: '*7' },
  bargeIn: true,
  waitMs: 5_000,
  retries: 1,
  onWithdraw: 'destroy',
  pauseMaxMs: 120_000,
  onRefused: { do: 'continue' },
  onSilent: { do: 'continue' },
  onFailed: { do: 'continue' },
}

/** A line that offers two languages before its disclosure. */
export const offeringLine: LinePolicy = {
  ...keyLine,
  languages: [
    { language: 'ru', key: '1' },
    { language: 'en', key: '2' },
  ],
}

/** A line that asks for two purposes in turn. */
export const twoPurposes: LinePolicy = { ...keyLine, purposes: [purpose('service'), purpose('marketing')] }

/** A line that asks for two purposes in turn, and hears its callers. */
export const voiceLine: LinePolicy = {
  ...twoPurposes,
  mode: 'voice-or-key',
  voice: { engine: 'vosk', threshold: 0.7, weak: 'confirm', keyAfterYes: false, experimental: false },
}

/** A line that only discloses. */
export const noticeLine: LinePolicy = { ...keyLine, mode: 'notice' }
