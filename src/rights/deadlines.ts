import { DAY_MS, dayOf } from '../core/clock.js'

/** What a data subject may request. */
export type RequestKind = 'access' | 'correction' | 'blocking' | 'erasure'

/** The law of a request: Russia's Federal Law 152-FZ, or the General Data Protection Regulation. */
export type Law = '152-fz' | 'gdpr'

export const KINDS: readonly RequestKind[] = ['access', 'correction', 'blocking', 'erasure']
export const LAWS: readonly Law[] = ['152-fz', 'gdpr']

type Term = { workingDays: number } | { months: number }

/**
 * The time to answer each request, without the extensions that the laws allow.
 * - 152-FZ: access, article 20 part 1; correction, article 20 part 3; blocking, article 21 part 1, at once; erasure, article
 *   21 part 5.1 (processing ceases), which is shorter than the thirty days of part 5.
 * - GDPR: article 12(3), the same for every right.
 */
const TERMS: Record<Law, Record<RequestKind, Term>> = {
  '152-fz': {
    access: { workingDays: 10 },
    correction: { workingDays: 7 },
    blocking: { workingDays: 0 },
    erasure: { workingDays: 10 },
  },
  gdpr: { access: { months: 1 }, correction: { months: 1 }, blocking: { months: 1 }, erasure: { months: 1 } },
}

/**
 * Saturdays and Sundays that the government of Russia made working days (Labour Code, article 112 part 5), by year. The decrees
 * are 1314 of 10 August 2023, 1335 of 4 October 2024 and 1466 of 24 September 2025. This version does not know the decrees of
 * other years.
 */
const WORKING_WEEKENDS: Record<number, readonly string[]> = {
  2024: ['2024-04-27', '2024-11-02', '2024-12-28'],
  2025: ['2025-11-01'],
  2026: [],
}

/**
 * Computes the last day on which an answer to a request is in time. The result may be earlier than the law's last day,
 * but never later. Every day that can be a working day counts as one:
 *
 * - Monday to Friday count, as if there were no holidays.
 * - Saturdays and Sundays count if the decree of the year made them working days.
 * - In a year whose decree is not known, every Saturday and Sunday counts.
 *
 * A term in months that ends on a day off is not extended.
 *
 * @param received the day on which the request came in, `YYYY-MM-DD`; counting begins on the next day
 * @returns `YYYY-MM-DD`
 */
export function dueOn(kind: RequestKind, law: Law, received: string): string {
  const term = TERMS[law][kind]
  return 'months' in term ? addMonths(received, term.months) : addWorkingDays(received, term.workingDays)
}

/**
 * @param due `YYYY-MM-DD`
 * @param today `YYYY-MM-DD`
 * @returns the days that are left: 0 on the last day, negative after it
 */
export const daysLeft = (due: string, today: string): number =>
  Math.round((Date.parse(due) - Date.parse(today)) / DAY_MS)

function addWorkingDays(day: string, count: number): string {
  const at = new Date(`${day}T00:00:00Z`)
  for (let left = count; left > 0; ) {
    at.setUTCDate(at.getUTCDate() + 1)
    if (mayBeWorkingDay(at)) left--
  }
  return dayOf(at.getTime())
}

function mayBeWorkingDay(at: Date): boolean {
  if (at.getUTCDay() !== 0 && at.getUTCDay() !== 6) return true
  const known = WORKING_WEEKENDS[at.getUTCFullYear()]
  return known === undefined || known.includes(dayOf(at.getTime()))
}

/** @returns the same day of a later month, or the last day of a shorter month (Regulation 1182/71, article 3(2)(c)) */
function addMonths(day: string, count: number): string {
  const [year, month, date] = day.split('-').map(Number) as [number, number, number]
  const last = new Date(Date.UTC(year, month - 1 + count + 1, 0)).getUTCDate()
  return dayOf(Date.UTC(year, month - 1 + count, Math.min(date, last)))
}
