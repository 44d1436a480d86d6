import type { DestructionCause, EventData, EventType } from '../core/events.js'
import type { LoggedEvent, Moment } from './leaf.js'

/** One recording in a receipt's statement. */
export interface StatementRecording {
  recording: string
  purpose: string
  /** For a recording of a spoken yes: the purpose whose question was answered. Absent otherwise. */
  keeps?: string
  /** Id of the event of the answer that allows the recording, or whose words the recording holds. */
  basis: string
  /** Day on which it must be destroyed. */
  due: string
  state: 'recording' | 'finished' | 'truncated' | 'empty' | 'failed' | 'destroyed'
  /** When it was destroyed, and in which act. */
  destroyed?: { at: Moment; act: string; cause: DestructionCause }
  seconds?: number
  reason?: string
  /** Size of the known gaps, bytes. */
  lostBytes: number
  /**
   * When only the other side was recorded, because a participant was heard on this one who had not agreed. Absent if
   * both sides were recorded throughout.
   */
  muted?: { leg: string; from: Moment; to?: Moment }[]
  prepared: Moment
  parts: StatementPart[]
}

/** One part in a receipt's statement. `sha256` is the hash of the first `bytes` bytes of its container. */
export interface StatementPart {
  part: string
  number: number
  object: string
  started: Moment
  chunks: number
  bytes: number
  /** Hex. */
  sha256: string
  samples?: number
  /** Absent while the part is being recorded, or if the service died during the part. */
  complete?: boolean
  ended?: Moment
}

/** A granted purpose without a recording. */
export interface UnrecordedPurpose {
  purpose: string | null
  reason: string
  at: Moment
}

/**
 * The recordings of a call, from its events.
 *
 * @param moment converts the time of an event
 */
export function recordingsOf(events: readonly LoggedEvent[], moment: (at: string) => Moment) {
  const recordings = new Map<string, StatementRecording>()
  const parts = new Map<string, StatementPart>()
  const unrecorded: UnrecordedPurpose[] = []

  const read: { [T in EventType]?: (data: EventData[T], at: string) => void } = {
    'recording.prepared'({ recording, purpose, keeps, basis, due }, at) {
      const what = { recording, purpose, ...(keeps !== undefined && { keeps }), basis, due }
      const begun = { ...what, state: 'recording', lostBytes: 0 } as const
      recordings.set(recording, { ...begun, prepared: moment(at), parts: [] })
    },
    'recording.part-started'({ recording, part, number, object, chunks, bytes, hash }, at) {
      const begun: StatementPart = { part, number, object, started: moment(at), chunks, bytes, sha256: hash }
      parts.set(part, begun)
      recordings.get(recording)?.parts.push(begun)
    },
    'recording.progress'({ part, chunks, bytes, hash }) {
      Object.assign(parts.get(part) ?? {}, { chunks, bytes, sha256: hash })
    },
    'recording.part-ended'({ part, chunks, bytes, hash, samples, complete }, at) {
      const ended = { chunks, bytes, sha256: hash, samples, complete, ended: moment(at) }
      Object.assign(parts.get(part) ?? {}, ended)
    },
    'recording.gap'({ recording, bytes }) {
      const of = recordings.get(recording)
      if (of) of.lostBytes += bytes
    },
    'recording.muted'({ recording, leg }, at) {
      const of = recordings.get(recording)
      if (of) of.muted = [...(of.muted ?? []), { leg, from: moment(at) }]
    },
    'recording.unmuted'({ recording }, at) {
      Object.assign(recordings.get(recording)?.muted?.at(-1) ?? {}, { to: moment(at) })
    },
    'recording.finished'({ recording, state, seconds }) {
      Object.assign(recordings.get(recording) ?? {}, { state, seconds })
    },
    'recording.empty'({ recording }) {
      Object.assign(recordings.get(recording) ?? {}, { state: 'empty' })
    },
    'recording.destroyed'({ recording, act, cause }, at) {
      const of = recordings.get(recording)
      if (of) Object.assign(of, { state: 'destroyed', destroyed: { at: moment(at), act, cause } })
    },
    'recording.failed'({ recording, purpose, reason }, at) {
      const of = recordings.get(recording ?? '')
      if (of) Object.assign(of, { state: 'failed', reason })
      else unrecorded.push({ purpose, reason, at: moment(at) })
    },
  }
  for (const { leaf } of events) (read[leaf.type] as undefined | Reader)?.(leaf.data, leaf.at)
  return { recordings: [...recordings.values()], unrecorded }
}

type Reader = (data: Record<string, unknown>, at: string) => void
