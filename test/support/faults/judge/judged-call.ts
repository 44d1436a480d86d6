import type { CallTimeline } from '../../../../src/journal/read/timeline.js'
import type { Leg } from '../../../../src/shared/audio.js'
import type { StruckFault } from '../batch.js'
import type { CallerRecord } from '../callers/caller-record.js'
import type { NumberedPacket } from '../callers/voice.js'
import type { Span } from '../readiness.js'

/** What must never happen. */
export const columns = ['lost', 'doubled', 'unconsented', 'plaintext', 'dropped'] as const
export type Column = (typeof columns)[number]

/** Something that must never happen, and did. */
export interface Violation {
  column: Column
  what: string
}

/** A recording as whoever has the keys finds it. */
export interface OpenedRecording {
  id: string
  purpose: string
  state: string
  /** Numbered speech of each leg; undefined if it could not be opened, with the reason. */
  packets: Record<Leg, NumberedPacket[]> | undefined
  openError?: string
  /** Length of each leg, samples. */
  samples: Record<Leg, number>
  /** Samples of each leg that no part holds. */
  missing: Record<Leg, number>
}

/** One call, by its caller and by what is kept of it. */
export interface JudgedCall {
  record: CallerRecord
  /** By the caller's number, which calls once: more than one is a fault. */
  calls: CallTimeline[]
  recordings: OpenedRecording[]
  /** Faults during the call. */
  struck: StruckFault[]
  /** When the service, or the way to it, was not to be relied on. */
  unreliable: Span[]
}

export type JournalledEvent = CallTimeline['events'][number]

export const eventsOf = ({ calls }: JudgedCall, type: string): JournalledEvent[] =>
  calls.flatMap(({ events }) => events.filter(event => event.type === type))

export const msOf = ({ at }: JournalledEvent): number => Date.parse(at)

export const mayRecord = (answer: unknown) => answer === 'granted' || answer === 'notice'
