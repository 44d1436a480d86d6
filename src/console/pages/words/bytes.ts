import type { WrittenLanguage } from '../../../core/policy.js'

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte', 'petabyte'] as const

/** A number of bytes in the largest unit of which there is one at least, such as `1.5 GB`. A kilobyte has a thousand. */
export function bytesIn(count: number, language: WrittenLanguage): string {
  const step = Math.min(UNITS.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, count)) / 3)))
  return (count / 1_000 ** step).toLocaleString(language, {
    ...{ style: 'unit', unit: UNITS[step]!, unitDisplay: 'short', maximumSignificantDigits: 3 },
  })
}
