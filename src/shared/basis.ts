import type { CallId, EventId } from './ids.js'
import type { Purpose } from './policy.js'

declare const brand: unique symbol

/** A caller's yes to one purpose, already committed to the journal. Made only in `consent/`. */
export interface GrantedConsent {
  readonly [brand]: 'granted'
  readonly kind: 'granted'
  readonly call: CallId
  readonly purpose: Purpose
  /** The committed `consent.answered` event. */
  readonly event: EventId
}

/** A disclosure heard in full on a notice-only line, already committed to the journal. Made only in `consent/`. */
export interface NoticeGiven {
  readonly [brand]: 'notice'
  readonly kind: 'notice'
  readonly call: CallId
  readonly purpose: Purpose
  readonly event: EventId
}

/** What must be in hand before anything is recorded. */
export type RecordingBasis = GrantedConsent | NoticeGiven
