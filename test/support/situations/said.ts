import { tone } from '../../../lab/audio/signals.js'
import type { ReceivedAudio } from '../../../lab/media/received-audio.js'
import { epochMs } from '../../../lab/time.js'
import type { CallTimeline } from '../../../src/journal/read/timeline.js'
import type { Leg } from '../../../src/shared/audio.js'

/** A phone that somebody speaks into. */
export interface Speaker {
  say(samples: Int16Array): Promise<number>
  readonly heard: ReceivedAudio
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
/** A packet comes every 20 ms. One that comes so much later was late, ms: then Asterisk may drop what it has to record. */
const LATE_MS = 80
const PACKET_MS = 20

/** What is said in one situation. Each voice is a tone, by which it is found in recordings. */
export class Said {
  readonly utterances: Utterance[] = []
  readonly #speakers = new Set<Speaker>()

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
    this.#speakers.add(speaker)
    utterance.until = await speaker.say(tone([this.hz[voice]!], ms))
    utterance.ms = Math.min(ms, utterance.until - utterance.from)
  }

  /** For how long packets did not come to the phone that waited most while somebody spoke, ms. On an idle machine it is 0. */
  lateMs(): number {
    const spoken = (at: number) => this.utterances.some(({ from, until }) => at >= from && at <= until)
    const lateTo = ({ heard: { packets } }: Speaker) =>
      packets
        .map(({ at }, i) => ({ at, after: at - (packets[i - 1]?.at ?? at) }))
        .filter(({ at, after }) => after > LATE_MS && spoken(at))
        .reduce((sum, { after }) => sum + after - PACKET_MS, 0)
    return Math.max(0, ...[...this.#speakers].map(lateTo))
  }
}

/** A call that is over, and what was said in it. */
export interface Played {
  call: CallTimeline
  said: Said
}
