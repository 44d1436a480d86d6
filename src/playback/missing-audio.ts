import type { Db } from '../db/database.js'
import { type Leg, SAMPLE_RATE } from '../shared/audio.js'
import type { EventData } from '../shared/events.js'
import type { RecordingId } from '../shared/ids.js'
import type { OpeningResult } from './open-recording.js'
import type { MissingSpan } from './part-joins.js'

/**
 * A pause may leave out so much more than it lasted, samples: where a service had just come up, the whole block of 32,768 in
 * which it ends, and a margin at either side.
 */
const PAUSE_MARGIN = 5 * SAMPLE_RATE

/** What of a recording is missing, as containers and journal together show it. */
export interface MissingAudio {
  /** Between two parts, and no event tells why. */
  holes: MissingSpan[]
  /**
   * `running`: the journal has no end of it yet. `truncated`: it broke off, as the journal says. `cut`: it ends before the
   * end that the journal knows.
   */
  end: 'whole' | 'running' | 'truncated' | 'cut'
  /** Why it is `truncated`, if a fault of ours ended it. */
  reason?: string
  /** What is missing at the end of one that is `cut`, s. */
  missing?: number
}

const TYPES = [
  'recording.part-started',
  'recording.gap',
  'recording.paused',
  'recording.resumed',
  'recording.finished',
] as const

/** An event of one recording. */
export type RecordingEvent = {
  [T in (typeof TYPES)[number]]: { type: T; at: Date; data: EventData[T] }
}[(typeof TYPES)[number]]

/** Holds what was read of a recording against the journal. */
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

/** @param events in the order of the journal */
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
  // A service that was killed left no totals; if nothing more came, there is no part after it to have them.
  const missing = ended ? 0 : finished.seconds - seconds
  return missing * SAMPLE_RATE > Math.max(afterLastPart.caller, afterLastPart.agent)
    ? { holes: unexplained, end: 'cut', missing }
    : { holes: unexplained, end: 'whole' }
}

type ExpectedGap = Record<Leg, number>

/** How many samples the journal tells are missing, by the part before whose start it does, and after that of the last. */
function expectedGaps(events: readonly RecordingEvent[]): {
  beforePart: Map<number, ExpectedGap>
  afterLastPart: ExpectedGap
} {
  const beforePart = new Map<number, ExpectedGap>()
  let current: ExpectedGap = { caller: 0, agent: 0 }
  let beforeThisPart: ExpectedGap | undefined
  let pausedAt: number | undefined
  for (const { type, at, data } of events) {
    if (type === 'recording.gap') {
      current[data.leg] += data.bytes
      // One leg may have begun the part before the other's gap was told.
      if (beforeThisPart) beforeThisPart[data.leg] += data.bytes
      continue
    }
    if (type === 'recording.paused') {
      pausedAt = at.getTime()
      continue
    }
    if (pausedAt !== undefined) {
      const samples = ((at.getTime() - pausedAt) * SAMPLE_RATE) / 1000 + PAUSE_MARGIN
      current = { caller: current.caller + samples, agent: current.agent + samples }
      pausedAt = type === 'recording.resumed' ? undefined : at.getTime()
    }
    if (type !== 'recording.part-started') continue
    beforeThisPart = current
    beforePart.set(data.number, beforeThisPart)
    current = { caller: 0, agent: 0 }
  }
  return { beforePart, afterLastPart: current }
}
