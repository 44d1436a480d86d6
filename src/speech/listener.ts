import { AppError } from '../core/errors.js'
import type { HearingTerms, SpokenAnswer, SpokenSound } from '../core/speech.js'
import type { Recognized, Recognizer, RecognizerStream } from './recognizer.js'
import { FRAME, levelOf, SAMPLES_PER_MS, type Speech, SpeechFinder } from './utterances.js'

/** Silence after which an utterance has ended, ms. */
const SILENCE_MS = 500
/** The same after a weak word, ms. "Okay" is often the beginning of a longer answer. */
const SILENCE_AFTER_WEAK_MS = 800
/** After this much silence the engine is asked for a partial result, ms. */
const PARTIAL_MS = 300
/**
 * Shorter sound is no word and is ignored, ms: beats of music, clicks. In noise, only the middle of a vowel stands out
 * of a short word.
 */
const SHORTEST_MS = 80
/** Longer speech is not an answer, ms. */
const LONGEST_MS = 2_500
/** Time from the end of the prompt in which its echo may still arrive, ms. */
const AFTER_PROMPT_MS = 200
/**
 * Sound before the speech that the engine also gets, ms. It contains the soft beginning of the first word and the noise
 * around it.
 */
const LEAD_MS = 300
/** Sound after the speech that is kept with a yes, ms. It contains the soft end of the last word. */
const TAIL_MS = 200
/** Sound that is kept while speech may still be echo of the prompt, ms. */
const KEPT_MS = 3_000
/** The longest gap in the audio that is filled with silence, ms. The rest of a longer gap is skipped. */
const GREATEST_GAP_MS = 10_000

/** Hears one answer in the audio of one caller. It answers once. */
export interface Listener {
  /** The noise around the caller, as known so far. */
  readonly finder: SpeechFinder
  /**
   * Takes audio. Lost audio counts as silence; repeated audio is dropped.
   *
   * @param samples 8 kHz, mono, 16 bit
   * @param position of the first sample, in samples from the beginning of the hearing
   */
  push(samples: Int16Array, position: number): void
  /**
   * The prompt has ended. Speech counts from 200 ms later. Earlier speech may be the prompt's echo, and is unclear if
   * it continues.
   *
   * @param position in samples from the beginning of the hearing
   */
  promptEnded(position: number): void
  /** Whether an utterance has ended and the engine is deciding, or has decided. */
  isDeciding(): boolean
  /** Stops. No event follows. */
  close(): void
}

/** Receives the result of a listener. Either `answered` or `failed` is called, at most once. */
export interface ListenerEvents {
  /** The caller has begun to speak, after the prompt. `answered` or `failed` follows, unless the listener is closed. */
  began?(): void
  /** @param sound of a yes, with a little before and after it, if the terms ask for it */
  answered(answer: SpokenAnswer, sound?: SpokenSound): void
  /** @param error AppError `speech.busy`, `speech.failed`, `speech.timeout`, `speech.unavailable` */
  failed(error: AppError): void
}

/**
 * Begins a hearing. The prompt counts as playing until `promptEnded`.
 *
 * @param recognizer hears the utterance
 * @param from first position that is heard, in samples from the beginning of the hearing
 * @param before the finder of a previous listener, so that this one hears speech at once. Otherwise it learns the noise
 *   for 0.6 s.
 */
export function openListener(
  recognizer: Recognizer,
  terms: HearingTerms,
  events: ListenerEvents,
  from = 0,
  before?: SpeechFinder,
): Listener {
  return new UtteranceListener(recognizer, terms, events, from, before)
}

class UtteranceListener implements Listener {
  readonly finder: SpeechFinder
  private readonly frame = new Int16Array(FRAME)
  /** The last frames before speech and, until the engine gets them, the frames of the speech. */
  private waiting: Int16Array[] = []
  /** The utterance so far, if a yes is kept. */
  private kept: Int16Array[] = []
  private stream: RecognizerStream | undefined
  /** Stands between the audio and the engine. Times, and kept sound, are those of the original audio. */
  private readonly holes = new HoleCloser()
  private speech: Speech | undefined
  /** Samples taken so far, including skipped positions. */
  private taken = 0
  private skipped: number
  /** End of the audio received so far, also while the engine decides. */
  private latest = 0
  private openAt = Number.POSITIVE_INFINITY
  private partial: Recognized | undefined
  /** Whether the caller has spoken since the engine was asked for `partial`. */
  private hasSpoken = true
  private state: 'open' | 'deciding' | 'closed' = 'open'

  constructor(
    private readonly recognizer: Recognizer,
    private readonly terms: HearingTerms,
    private readonly events: ListenerEvents,
    from: number,
    before?: SpeechFinder,
  ) {
    this.skipped = from
    this.finder = new SpeechFinder(before)
  }

  promptEnded(position: number): void {
    this.openAt = position - this.skipped + AFTER_PROMPT_MS * SAMPLES_PER_MS
  }

  push(samples: Int16Array, position: number): void {
    this.latest = Math.max(this.latest, position + samples.length)
    if (this.state !== 'open') return
    const from = position - this.skipped
    const gap = Math.min(from - this.taken, GREATEST_GAP_MS * SAMPLES_PER_MS)
    for (let i = 0; i < gap; i++) this.takeSample(0)
    this.skipped += Math.max(0, from - this.taken)
    for (let i = Math.max(0, this.taken - from); i < samples.length; i++) this.takeSample(samples[i]!)
  }

  isDeciding(): boolean {
    return this.state !== 'open'
  }

  close(): void {
    this.state = 'closed'
    this.dropStream()
  }

  private takeSample(sample: number): void {
    if (this.state !== 'open') return
    const at = this.taken % FRAME
    this.frame[at] = sample
    this.taken++
    if (at === FRAME - 1) this.takeFrame(this.frame.slice())
  }

  private takeFrame(frame: Int16Array): void {
    const speech = this.finder.take(frame)
    this.waiting.push(frame)
    const kept = speech ? KEPT_MS : LEAD_MS
    while (this.waiting.length * FRAME > kept * SAMPLES_PER_MS) this.waiting.shift()
    if (!speech) return
    this.speech = { ...speech }
    try {
      this.hear(this.speech)
    } catch (error) {
      this.fail(error)
    }
  }

  private hear(speech: Speech): void {
    const duringPrompt = speech.begin < this.openAt
    const isWord = speech.end - speech.begin >= SHORTEST_MS * SAMPLES_PER_MS
    if (!duringPrompt && isWord) {
      if (!this.stream) this.events.began?.()
      this.feed()
    }
    // Speech that began in the prompt may be echo, until the prompt has ended.
    const from = duringPrompt ? this.openAt : speech.begin
    if (speech.end - from > LONGEST_MS * SAMPLES_PER_MS) {
      this.unclear('long')
      return
    }
    const silenceMs = (this.taken - speech.end) / SAMPLES_PER_MS
    if (silenceMs === 0) this.hasSpoken = true
    this.partial = silenceMs < PARTIAL_MS ? undefined : (this.ask() ?? this.partial)
    const wanted = this.partial?.heard === 'weak' ? SILENCE_AFTER_WEAK_MS : SILENCE_MS
    if (silenceMs < wanted) return
    if (!isWord) this.passOver()
    else if (duringPrompt) this.endInPrompt(speech)
    else void this.decide(speech)
  }

  private ask(): Recognized | undefined {
    const recognized = this.stream?.partial(this.hasSpoken)
    if (this.stream) this.hasSpoken = false
    return recognized
  }

  /** Sends the engine the audio that it does not have yet. */
  private feed(): void {
    this.stream ??= this.recognizer.open(this.terms.language, this.terms.threshold)
    for (const frame of this.waiting) this.write(this.holes.take(frame))
    if (this.terms.keepYes) this.kept.push(...this.waiting)
    this.waiting = []
  }

  private write(frames: readonly Int16Array[]): void {
    for (const frame of frames) this.stream!.write(frame)
  }

  /**
   * Echo ends with the prompt. Speech that continues is a voice, but its beginning cannot be distinguished from the
   * echo.
   */
  private endInPrompt(speech: Speech): void {
    if (speech.end > this.openAt) this.unclear('prompt')
    else this.passOver()
  }

  private passOver(): void {
    this.speech = undefined
    this.finder.reset()
  }

  private async decide(speech: Speech): Promise<void> {
    this.state = 'deciding'
    try {
      this.write(this.holes.rest())
      const recognized = await this.stream!.finish(this.hasSpoken)
      this.stream = undefined
      this.tell(speech, recognized)
    } catch (error) {
      this.fail(error)
    }
  }

  private unclear(reason: 'long' | 'prompt'): void {
    this.dropStream()
    this.tell(this.speech!, { heard: 'unclear', scores: {}, reason })
  }

  private tell({ begin, end }: Speech, { heard, scores, needed, words, reason }: Recognized): void {
    if (this.state === 'closed') return
    this.state = 'closed'
    const ms = (samples: number) => Math.round(samples / SAMPLES_PER_MS)
    const { engine, model } = this.recognizer
    const answer: SpokenAnswer = {
      heard,
      engine,
      model,
      terms: this.terms,
      ...(words !== undefined && { words }),
      scores,
      ...(needed !== undefined && { needed }),
      ...(reason !== undefined && { reason }),
      beganMs: ms(begin + this.skipped),
      endedMs: ms(end + this.skipped),
      decidedMs: ms(this.latest),
    }
    const sound = heard === 'yes' && this.terms.keepYes ? this.soundUntil(end) : undefined
    this.kept = []
    this.events.answered(answer, sound)
  }

  /** The sound of the utterance, from its lead to a little after its end. */
  private soundUntil(end: number): SpokenSound {
    const silence = Math.max(0, this.taken - end - TAIL_MS * SAMPLES_PER_MS)
    const sound = new Int16Array(this.kept.length * FRAME)
    this.kept.forEach((frame, i) => void sound.set(frame, i * FRAME))
    return sound.subarray(0, Math.max(0, sound.length - silence))
  }

  private fail(cause: unknown): void {
    if (this.state === 'closed') return
    this.close()
    this.events.failed(
      cause instanceof AppError ? cause : new AppError('speech.failed', 'the engine failed', { cause }),
    )
  }

  private dropStream(): void {
    this.kept = []
    this.stream?.cancel()
    this.stream = undefined
  }
}

/** The longest hole that is closed, frames: three packets of 20 ms. A longer one is a pause. */
const MOST_FRAMES = 6
/** Speech beside a hole is at most this far below the loudest frame so far, dB. */
const BELOW_LOUDEST_DB = 25
/** Quieter sound is never speech, dB of full scale. */
const LEAST_DB = -50
/** Value of each sample of exact silence in A-law. In µ-law, and for a lost packet, it is 0. */
const ALAW_SILENCE = 8

/**
 * Closes holes in words. If audio comes too late, a PBX sends a packet of exact silence and the caller's audio after
 * it, which tears a word apart. A hole lies between loud speech and has at most 60 ms; a pause of the speaker has
 * softer edges or is longer.
 */
export class HoleCloser {
  private loudest = Number.NEGATIVE_INFINITY
  /** Whether the last frame before `held` is loud. */
  private afterSpeech = false
  /** Exact silence after loud speech, held until the next audio shows whether it is a hole. */
  private held: Int16Array[] = []

  /**
   * Takes the next frame.
   *
   * @returns what can be passed on now: the frame, with the silence before it unless that is a hole; empty while
   *   silence may be a hole
   */
  take(frame: Int16Array): Int16Array[] {
    if (this.afterSpeech && isExactSilence(frame)) {
      this.held.push(frame)
      if (this.held.length <= MOST_FRAMES) return []
      this.afterSpeech = false
      return this.rest()
    }
    const before = this.rest()
    const level = levelOf(frame)
    this.loudest = Math.max(this.loudest, level)
    this.afterSpeech = level > Math.max(this.loudest - BELOW_LOUDEST_DB, LEAST_DB)
    return this.afterSpeech ? [frame] : [...before, frame]
  }

  /** @returns the silence that is still held */
  rest(): Int16Array[] {
    return this.held.splice(0)
  }
}

const isExactSilence = (frame: Int16Array): boolean =>
  (frame[0] === 0 || frame[0] === ALAW_SILENCE) && frame.every(sample => sample === frame[0])
