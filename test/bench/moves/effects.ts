import type { LatePacket } from '../../../lab/media/media-endpoint.js'
import { PACKET_MS } from '../../../lab/media/rtp.js'
import type { CallTimeline } from '../../../src/journal/read/timeline.js'

type JournalledEvent = CallTimeline['events'][number]

/** What a key did: it paused, resumed, or withdrew. */
export type KeyKind = 'paused' | 'resumed' | 'withdrawn'

/** When the keys were released, epoch ms. */
export interface Pressed {
  key: KeyKind
  at: number
}

/** How long after its keys an effect came, ms: negative if audio from before the keys is left out as well. */
export interface Effect extends Pressed {
  ms: number
}

/** Which event each kind of key leads to. Its time is that at which the PBX had the key. */
const EVENTS: Readonly<Record<KeyKind, string>> = {
  paused: 'recording.paused',
  resumed: 'recording.resumed',
  withdrawn: 'consent.withdrawn',
}
/** What may have to do with a slow key: what happened so long before it and after it, ms. A block of audio is 4.1 s long. */
const [BEFORE_MS, AFTER_MS] = [5_000, 1_000]
/** The journal's times have no fractions of a millisecond, and the clocks of phone and PBX are read by different processes, ms. */
const CLOCKS_MS = 50

/**
 * When each key had its effect.
 *
 * @param numbers of the packets that are recorded
 * @param sentAt when each packet was sent, epoch ms
 * @throws Error if nothing of a stretch between two keys is recorded
 */
export function effectsOf(
  pressed: readonly Pressed[],
  numbers: readonly number[],
  sentAt: readonly number[],
): Effect[] {
  const kept = numbers.map(number => sentAt[number]!).sort((a, b) => a - b)
  return pressed.map(({ key, at }, i) => {
    // Half-way to the keys before and after it, the effect has come in any case.
    const from = (at + (pressed[i - 1]?.at ?? Number.NEGATIVE_INFINITY)) / 2
    const to = (at + (pressed[i + 1]?.at ?? Number.POSITIVE_INFINITY)) / 2
    const around = kept.filter(sent => sent > from && sent < to)
    const edge = key === 'resumed' ? around[0] : around.at(-1)
    if (edge === undefined) throw new Error(`nothing is recorded around the key ${i + 1} of the call`)
    return { key, at, ms: edge - at + (key === 'resumed' ? 0 : PACKET_MS) }
  })
}

/**
 * Where the time of a slow key went: until the PBX had it, and from then on. What is left out is reckoned from the times of keys and audio, and
 * nothing waits for the journal. So what matters besides is whether audio is missing, and whether the phones were late.
 *
 * @param events of the call
 * @param late what its phones sent late
 */
export function courseOf(
  { key, at, ms }: Effect,
  events: readonly JournalledEvent[],
  late: readonly LatePacket[],
): string {
  const moment = (event: JournalledEvent) => Date.parse(event.at)
  const seen = events.find(event => event.type === EVENTS[key] && moment(event) >= at - CLOCKS_MS)
  const had = seen ? `the PBX had it after ${Math.round(moment(seen) - at)} ms` : 'the PBX did not report it'
  const isNear = (when: number) => when > at - BEFORE_MS && when < at + AFTER_MS
  const after = (when: number) => `${Math.round(when - at)} ms`
  const gaps = events
    .filter(event => event.type === 'recording.gap' && isNear(moment(event)))
    .map(event => `${after(moment(event))}: ${event['reason']}, ${event['leg']}, ${event['bytes']} samples`)
  const lateMs = Math.max(0, ...late.filter(one => isNear(one.at)).map(one => Math.round(one.ms)))
  const phones = lateMs > 0 ? [`phones sent up to ${lateMs} ms late`] : []
  return [`${key} after ${Math.round(ms)} ms`, had, ...gaps, ...phones].join('; ')
}
