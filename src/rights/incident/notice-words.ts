import type { Incident } from './incident-rows.js'

/** What the record of an incident gives for its notices. */
export interface NoticeFacts {
  incident: Incident
  /** Who answers when the authority asks, with contact. */
  officer: string | undefined
  purposes: string
  /** When the first and the last of the recordings began. */
  from: Date
  to: Date
  /** Recordings that have been destroyed by now. */
  destroyed: number
}

/** What is left to be written by hand. */
export const BY_HAND = undefined

/** One notice: what it is called, what it says, and by when it must be sent. */
export interface NoticeText {
  title: string
  what: string
  /** The rule behind it. */
  form: string
  dueLabel: string
  clock: 'initial' | 'result'
  rows: [label: string, value: string | typeof BY_HAND][]
}

/** A notice in one language, made of what the record of the incident holds. */
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
