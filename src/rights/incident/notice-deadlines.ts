/** By when something must be told to the authority. */
export interface NoticeDeadline {
  name: 'initial' | 'result'
  /** Hours from when the incident was noticed. */
  hours: 24 | 72
  law: string
  dueAt: Date
  /** Until then, ms; negative once it is over. Counted to the closing of the incident, if it is closed. */
  remainingMs: number
}

const HOUR_MS = 3_600_000

const TERMS = [
  { name: 'initial', hours: 24, law: '152-FZ, Article 21(3.1)(1)' },
  { name: 'result', hours: 72, law: '152-FZ, Article 21(3.1)(2); GDPR, Article 33(1)' },
] as const

/**
 * Both clocks of an incident. Hours are hours, over weekends and holidays too. The hour in which it was noticed, which
 * Regulation 1182/71, Article 3(1), does not count, is counted here: the clock is early rather than late.
 *
 * @param noticedAt when the operator came to know
 * @param until now, or when the incident was closed
 */
export const noticeDeadlines = (noticedAt: Date, until: Date): NoticeDeadline[] =>
  TERMS.map(term => {
    const dueAt = new Date(noticedAt.getTime() + term.hours * HOUR_MS)
    return { ...term, dueAt, remainingMs: dueAt.getTime() - until.getTime() }
  })
