import { counted } from '../../../../lib/plural.js'
import { bytesIn } from '../bytes.js'
import type { Common } from '../shape.js'

/** A length with a tenth of a second. */
export const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`

/** A message as a sentence of a page. */
export const sentence = (message: string): string =>
  message.charAt(0).toUpperCase() + message.slice(1) + (/[.?!:]$/.test(message) ? '' : '.')

/** Labels of the purposes that the program names by itself. Other purposes are shown as they were typed. */
const PURPOSES: Readonly<Record<string, string>> = {
  service: 'service quality',
  marketing: 'marketing',
  consent: 'spoken yes',
}

export const common = {
  seconds,
  skip: 'Skip to content',
  leave: 'Cancel',
  copy: 'Copy',
  copied: 'Copied',
  busy: 'Working…',
  failed: 'The console could not do this now. What you have typed is still here: try again in a minute.',
  lost: 'The console cannot be reached. What you have typed is still here: try again.',
  nav: {
    label: 'Sections',
    now: 'Now',
    lines: 'Lines',
    prompts: 'Prompts',
    people: 'People',
    system: 'System',
    me: 'Me',
  },
  roles: {
    administrator: 'administrator',
    supervisor: 'supervisor',
    auditor: 'auditor',
    'privacy-officer': 'privacy officer',
    operator: 'operator',
  },
  answers: {
    granted: 'yes',
    refused: 'no',
    silent: 'silence',
    abandoned: 'hung up',
    failed: 'fault',
    notice: 'stayed on the line',
  },
  purpose: name => PURPOSES[name] ?? name,
  days: count => counted(count, 'day', 'days'),
  times: count => counted(count, 'time', 'times'),
  seconds0: ms => `${Math.round(ms / 100) / 10} s`,
  number: count => count.toLocaleString('en'),
  bytes: count => bytesIn(count, 'en'),
  percent: share => share.toLocaleString('en', { style: 'percent', maximumFractionDigits: 1 }),
} satisfies Common
