import type { Incident } from './incident-rows.js'

/** Facts from the record of an incident, for its notices. */
export interface NoticeFacts {
  incident: Incident
  /** The contact person for the authority, with contact details. */
  officer: string | undefined
  purposes: string
  /** When the first and the last of the recordings began. */
  from: Date
  to: Date
  /** Number of recordings that are destroyed by now. */
  destroyed: number
}

/** The value of a field to fill in by hand. */
export const BY_HAND = undefined

/** The texts of one notice, and its deadline. */
export interface NoticeText {
  title: string
  what: string
  /** The addressee and the legal basis. */
  form: string
  dueLabel: string
  clock: 'initial' | 'result'
  rows: [label: string, value: string | typeof BY_HAND][]
}

/** The texts of all notices in one language. */
export interface NoticeWords {
  title: (number: number) => string
  number: (number: number) => string
  taxId: string
  operator: string
  place: string
  position: string
  signature: string
  name: string
  notices: (facts: NoticeFacts) => NoticeText[]
}
