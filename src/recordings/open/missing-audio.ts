import { LEGS, type Leg, SAMPLE_RATE } from '../../core/audio.js'
import type { EventData } from '../../core/events.js'
import type { RecordingId } from '../../core/ids.js'
import type { Db } from '../../db/database.js'
import type { OpeningResult } from './open-recording.js'
import type { MissingSpan } from './part-joins.js'

/**
 * Longest audio that a pause may cut besides its own length, samples: the whole block of 32,768 samples in which it ends, if
 * the service had just started, and a margin at either end.
 */
const PAUSE_MARGIN = 5 * SAMPLE_RATE

/** The missing audio of a recording, by its containers and the journal. */
export interface MissingAudio {
  /** Holes between two parts that no event explains. */
  holes: MissingSpan[]
  /**
   * `running`: the journal has no end of the recording yet. `truncated`: the journal says that its end is missing. `cut`: the
   * audio is shorter than the journal says.
   */
  end: 'whole' | 'running' | 'truncated' | 'cut'
  /** Code of the fault that caused `truncated`, if there was one. */
  reason?: string
  /** Length that is missing at the end if `cut`, s. */
  missing?: number
}

const TYPES = [
  'recording.part-started',
  'recording.gap',
  'recording.paused',
  'recording.resumed',
  'recording.muted',
  'recording.unmuted',
  'recording.finished',
] as const

/** An event of one recording. */
export type RecordingEvent = {
  [T in (typeof TYPES)[number]]: { type: T; at: Date; data: EventData[T] }
}[(typeof TYPES)[number]]

/** Compares the audio of a recording with the journal. */
export async function missingAudioOf(
  db: Db,
  recording: RecordingId,
  read: Pick<OpeningResult, 'seconds' | 'holes' | 'ended'>,
): Promise<MissingAudio> {
  const events = await db
    .selectFrom('event')
    .innerJoin('recording', 'recording.call_id', 'event.call_id')
    .where('recording.id', '=', recording)
    .where('event.type', 'in', TYPES)
    .select(['event.type', 'event.at', 'event.data'])
    .orderBy('event.id')
    .execute()
  const callEvents = events as unknown as RecordingEvent[]
  return missingAudio(
    callEvents.filter(({ data }) => data.recording === recording),
    read,
  )
}

/** @param events of one recording, in the order of the journal */
export function missingAudio(
  events: readonly RecordingEvent[],
  { seconds, holes, ended }: Pick<OpeningResult, 'seconds' | 'holes' | 'ended'>,
): MissingAudio {
  const { beforePart, afterLastPart } = expectedGaps(events)
  const unexplained = holes.filter(
    ({ leg, from, to, before: part }) => to - from > (beforePart.get(part)?.[leg] ?? 0),
  )
  const finished = events.find(event => event.type === 'recording.finished')?.data
  if (!finished) return { holes: unexplained, end: 'running' }
  const { state, reason } = finished
  if (state === 'truncated') return { holes: unexplained, end: state, ...(reason && { reason }) }
  // Without totals, a service was killed and no part followed. The length shows whether audio is missing.
  const missing = ended ? 0 : finished.seconds - seconds
  return missing * SAMPLE_RATE > Math.max(afterLastPart.caller, afterLastPart.agent)
    ? { holes: unexplained, end: 'cut', missing }
    : { holes: unexplained, end: 'whole' }
}

type ExpectedGap = Record<Leg, number>

/** @returns how many samples may be missing by the journal: before the start of each part, and after the last part */
function expectedGaps(events: readonly RecordingEvent[]): {
  beforePart: Map<number, ExpectedGap>
  afterLastPart: ExpectedGap
} {
  const beforePart = new Map<number, ExpectedGap>()
  let current: ExpectedGap = { caller: 0, agent: 0 }
  let beforeThisPart: ExpectedGap | undefined
  /** Since when each leg is left out, ms since the epoch. */
  const omittedSince: { [L in Leg]?: number } = {}
  /** Whether the agent's leg was left out when this part began, so that it begins later. */
  let beganMuted = false
  for (const { type, at, data } of events) {
    if (type === 'recording.gap') {
      // The containers have silence in place of the excluded audio, so this explains no hole.
      if (data.reason === 'leg-lost') continue
      current[data.leg] += data.bytes
      // One leg may begin the part before the gap of the other leg is journalled.
      if (beforeThisPart) beforeThisPart[data.leg] += data.bytes
      continue
    }
    const now = at.getTime()
    if (type === 'recording.paused' || type === 'recording.muted') {
      for (const leg of type === 'recording.muted' ? [data.leg] : LEGS) omittedSince[leg] = now
      continue
    }
    for (const leg of LEGS) {
      const since = omittedSince[leg]
      if (since === undefined) continue
      const samples = ((now - since) * SAMPLE_RATE) / 1000 + PAUSE_MARGIN
      current[leg] += samples
      if (beganMuted && leg === 'agent' && beforeThisPart) beforeThisPart[leg] += samples
      if (type === 'recording.resumed' || type === 'recording.unmuted') delete omittedSince[leg]
      else omittedSince[leg] = now
    }
    if (type !== 'recording.part-started') continue
    beforeThisPart = { ...current }
    beforePart.set(data.number, beforeThisPart)
    beganMuted = omittedSince.agent !== undefined && omittedSince.caller === undefined
    current = { caller: 0, agent: beganMuted ? current.agent : 0 }
  }
  return { beforePart, afterLastPart: current }
}
