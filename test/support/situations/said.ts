import { tone } from '../../../lab/audio/signals.js'
import type { LatePacket } from '../../../lab/media/media-endpoint.js'
import type { ReceivedAudio } from '../../../lab/media/received-audio.js'
import { epochMs } from '../../../lab/time.js'
import type { Leg } from '../../../src/core/audio.js'
import type { CallTimeline } from '../../../src/journal/read/timeline.js'

/** A phone that somebody speaks into. */
export interface Speaker {
  say(samples: Int16Array): Promise<number>
  readonly heard: ReceivedAudio
  /** What it said or pressed and sent late. */
  readonly late: readonly LatePacket[]
}

/** A stretch of speech. */
export interface Utterance {
  /** Whose it is, and when in the situation, such as `customer` or `card`. */
  voice: string
  /** On which side of the caller's recording it belongs. */
  side: Leg
  /** How much of it was said. */
  ms: number
  /** When it was begun, and when its last packet was sent, epoch ms. */
  from: number
  until: number
}

/** How long somebody speaks by default, ms. */
export const SPEECH_MS = 2_500
/**
 * A packet comes every 20 ms. One that comes so long after the one before it was late, ms: then Asterisk may drop what it has to record. After
 * `PAUSE_MS` nobody had sent any, as on hold.
 */
const [LATE_MS, PAUSE_MS] = [80, 1_000]
const PACKET_MS = 20
/** Where the two sides of a channel come apart by more than this, Asterisk drops what it has of them to record, ms. */
const SYNC_TOLERANCE_MS = 100

/** What is said in one situation. Each voice is a tone, by which it is found in recordings. */
export class Said {
  readonly utterances: Utterance[] = []
  readonly #speakers = new Map<Utterance, Speaker>()

  /**
   * @param hz what each voice sounds like, Hz
   * @param caller the caller whose recording is measured: what this phone says is on the caller's side
   */
  constructor(
    readonly hz: Readonly<Record<string, number>>,
    private readonly caller: Speaker,
  ) {}

  /** Somebody says a tone. Resolves when its last packet has been sent, or when the phone's call is over. */
  async by(speaker: Speaker, voice: string, ms = SPEECH_MS): Promise<void> {
    const side = speaker === this.caller ? 'caller' : 'agent'
    const utterance: Utterance = { voice, side, ms, from: epochMs(), until: Number.POSITIVE_INFINITY }
    this.utterances.push(utterance)
    this.#speakers.set(utterance, speaker)
    utterance.until = await speaker.say(tone([this.hz[voice]!], ms))
    utterance.ms = Math.min(ms, utterance.until - utterance.from)
  }

  /**
   * For how long packets were late while somebody spoke, ms: those that a phone sent, or those that came to it, whichever is more; of the phone of
   * which it was most. On an idle machine it is 0.
   */
  lateMs(): number {
    const isSpoken = (at: number) => this.utterances.some(({ from, until }) => at >= from && at <= until)
    const sum = (late: readonly LatePacket[]) =>
      late
        .filter(({ at, ms }) => ms >= LATE_MS - PACKET_MS && isSpoken(at))
        .reduce((all, { ms }) => all + ms, 0)
    const each = [...new Set(this.#speakers.values())].flatMap(({ heard, late }) => [
      sum(late),
      sum(lateIn(heard)),
    ])
    return Math.max(0, ...each)
  }

  /**
   * What Asterisk may have dropped unseen where it was late, ms. While it sends a phone nothing, as when it records a message, no packet to that
   * phone can show that it is late.
   */
  unseenMs(): number {
    const unseen = [...this.#speakers].filter(([utterance, { heard }]) => !isAnswered(heard, utterance))
    return unseen.length * SYNC_TOLERANCE_MS
  }
}

/** Whether a packet came to a phone during an utterance. */
const isAnswered = ({ packets }: ReceivedAudio, { from, until }: Utterance) =>
  packets.some(({ at }) => at >= from && at <= until)

/** The packets that came late to a phone. */
const lateIn = ({ packets }: ReceivedAudio): LatePacket[] =>
  packets
    .map(({ at }, i) => ({ at, ms: at - (packets[i - 1]?.at ?? at) - PACKET_MS }))
    .filter(({ ms }) => ms < PAUSE_MS)

/** A call that is over, and what was said in it. */
export interface Played {
  call: CallTimeline
  said: Said
}
