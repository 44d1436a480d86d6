import { type Leg, SAMPLE_RATE } from '../../../src/core/audio.js'
import type { CallTimeline } from '../../../src/journal/read/timeline.js'

/** What the journal says is missing of one side of a call's first recording. */
export interface Gap {
  leg: Leg
  reason: string
  /** Where it is, epoch ms. The journal has it when it ends. */
  from: number
  to: number
}

/** After these the caller hears somebody else, or is taken back, so that the service may restart the tap. */
const MOVES: ReadonlySet<string> = new Set([
  'call.agent-joined',
  'call.agent-left',
  'call.party-joined',
  'call.party-left',
  'call.hold-ended',
])

/** A gap that follows from a move may seem to begin so much before it, ms. */
const EARLY_MS = 100

export const gapsOf = ({ events, recordings }: CallTimeline): Gap[] =>
  events
    .filter(({ type, recording }) => type === 'recording.gap' && recording === recordings[0]?.id)
    .map(({ at, leg, bytes, reason }) => {
      const to = Date.parse(at)
      const from = to - (Number(bytes) * 1_000) / SAMPLE_RATE
      return { leg: leg as Leg, reason: String(reason), from, to }
    })

/** How much gaps have of a side together, s. */
export const lengthOf = (gaps: readonly Gap[], leg: Leg): number =>
  gaps.reduce((sum, gap) => sum + (gap.leg === leg ? gap.to - gap.from : 0), 0) / 1_000

/**
 * How much the journal has as lost of a side after one move, at most, s. What is lost because the tap was not restarted (`leg-lost`) is left out: of a
 * phone that sends constant silence the journal has that too, and tones tell whether somebody is missing.
 */
export function mostLost(call: CallTimeline, leg: Leg): number {
  const moves = call.events.flatMap(({ type, at }) => (MOVES.has(type) ? Date.parse(at) : []))
  const lost = new Map<number, number>()
  for (const { from, to } of gapsOf(call).filter(gap => gap.leg === leg && gap.reason !== 'leg-lost')) {
    const after = moves.filter(at => at <= from + EARLY_MS).length
    lost.set(after, (lost.get(after) ?? 0) + (to - from) / 1_000)
  }
  return Math.max(0, ...lost.values())
}
