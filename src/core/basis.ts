import type { CallId, EventId } from './ids.js'
import type { Purpose } from './policy.js'

declare const brand: unique symbol

/** A caller's consent to one purpose, committed to the journal. Only `call/run/commit-answer.ts` makes these. */
export interface GrantedConsent {
  readonly [brand]: 'granted'
  readonly kind: 'granted'
  readonly call: CallId
  readonly purpose: Purpose
  /** The committed `consent.answered` event. */
  readonly event: EventId
}

/** A disclosure that the caller heard in full on a notice-only line, committed to the journal. Only `call/run/commit-answer.ts` makes these. */
export interface NoticeGiven {
  readonly [brand]: 'notice'
  readonly kind: 'notice'
  readonly call: CallId
  readonly purpose: Purpose
  readonly event: EventId
}

/** The legal basis without which nothing is recorded. */
export type RecordingBasis = GrantedConsent | NoticeGiven
