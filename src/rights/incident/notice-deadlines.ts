/** A deadline for a notice to the authority. */
export interface NoticeDeadline {
  name: 'initial' | 'result'
  /** Hours after the incident was noticed. */
  hours: 24 | 72
  law: string
  dueAt: Date
  /** Time left, ms; negative after the deadline. For a closed incident: the time that was left when it was closed. */
  remainingMs: number
}

const HOUR_MS = 3_600_000

const TERMS = [
  { name: 'initial', hours: 24, law: '152-FZ, Article 21(3.1)(1)' },
  { name: 'result', hours: 72, law: '152-FZ, Article 21(3.1)(2); GDPR, Article 33(1)' },
] as const

/**
 * Computes both deadlines of an incident. The hours count on weekends and holidays too. Regulation 1182/71, Article 3(1), does
 * not count the hour in which the incident was noticed. This function counts it, so that the deadline is early rather than late.
 *
 * @param noticedAt when the operator learned of the incident
 * @param until the current time, or the time when the incident was closed
 */
export const noticeDeadlines = (noticedAt: Date, until: Date): NoticeDeadline[] =>
  TERMS.map(term => {
    const dueAt = new Date(noticedAt.getTime() + term.hours * HOUR_MS)
    return { ...term, dueAt, remainingMs: dueAt.getTime() - until.getTime() }
  })
