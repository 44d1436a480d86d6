import type { Leg } from '../../../../src/core/audio.js'
import type { CallTimeline } from '../../../../src/journal/read/timeline.js'
import type { StruckFault } from '../batch.js'
import type { CallerRecord } from '../callers/caller-record.js'
import type { NumberedPacket } from '../callers/voice.js'
import type { Span } from '../readiness.js'

/** Kinds of violations. */
export const columns = ['lost', 'doubled', 'unconsented', 'plaintext', 'dropped'] as const
export type Column = (typeof columns)[number]

/** Time after a fault in which its effects may still appear, ms. */
export const AFTERMATH_MS = 2_000

/** Something that must never happen, but did. */
export interface Violation {
  column: Column
  what: string
}

/** A recording that was opened with all identities. */
export interface OpenedRecording {
  id: string
  purpose: string
  state: string
  /** Numbered packets of each leg; undefined if the recording could not be opened. */
  packets: Record<Leg, NumberedPacket[]> | undefined
  openError?: string
  /** Length of each leg, samples. */
  samples: Record<Leg, number>
  /** Samples of each leg that are in no part. */
  missing: Record<Leg, number>
}

/** One call: the caller's record, and what was journalled and stored. */
export interface JudgedCall {
  record: CallerRecord
  /** Calls with the caller's number. More than one is a violation. */
  calls: CallTimeline[]
  recordings: OpenedRecording[]
  /** Faults during the call. */
  struck: StruckFault[]
  /** When the service or the connection to it may have failed. */
  unreliable: Span[]
}

export type JournalledEvent = CallTimeline['events'][number]

export const eventsOf = ({ calls }: JudgedCall, type: string): JournalledEvent[] =>
  calls.flatMap(({ events }) => events.filter(event => event.type === type))

export const msOf = ({ at }: JournalledEvent): number => Date.parse(at)

export const mayRecord = (answer: unknown) => answer === 'granted' || answer === 'notice'
