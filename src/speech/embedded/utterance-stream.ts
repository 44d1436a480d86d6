import { type Clock, systemClock } from '../../core/clock.js'
import { AppError } from '../../core/errors.js'
import { withDeadline } from '../../lib/deadline.js'
import { RESULT_MS, type Recognized, type RecognizerStream } from '../recognizer.js'

/** The listener refuses longer utterances. Further samples are not kept: 4 s. */
const MOST_SAMPLES = 32_000

/**
 * Collects an utterance, and recognises it as a whole. Recognition starts at the beginning of each pause, so that the
 * answer is ready if the pause ends the utterance.
 */
export class UtteranceStream implements RecognizerStream {
  private samples = new Int16Array(8_000)
  private count = 0
  /** The answer to the audio that was last recognised, pending or ready. */
  private answer: Promise<Recognized> | undefined
  private said: Recognized | undefined
  private ended = false

  /**
   * @param recognize recognises an utterance, 8 kHz
   * @param done called once, when the utterance was ended or cancelled
   */
  constructor(
    private readonly recognize: (samples: Int16Array) => Promise<Recognized>,
    private readonly done: () => void,
    private readonly clock: Pick<Clock, 'after'> = systemClock,
  ) {}

  write(samples: Int16Array): void {
    if (this.ended) return
    const fitting = samples.subarray(0, MOST_SAMPLES - this.count)
    if (this.count + fitting.length > this.samples.length) {
      const larger = new Int16Array(2 * (this.count + fitting.length))
      larger.set(this.samples)
      this.samples = larger
    }
    this.samples.set(fitting, this.count)
    this.count += fitting.length
  }

  partial(hasSpoken: boolean): Recognized | undefined {
    void this.ask(hasSpoken)
    return this.said
  }

  finish(hasSpoken: boolean): Promise<Recognized> {
    const answer = this.ask(hasSpoken)
    this.end()
    const error = () => new AppError('speech.timeout', `the engine gave no result within ${RESULT_MS} ms`)
    return withDeadline(answer, { clock: this.clock, ms: RESULT_MS, error })
  }

  cancel(): void {
    this.end()
    this.samples = new Int16Array(0)
    this.count = 0
  }

  /** Recognises the utterance so far, unless it is unchanged since the last time. */
  private ask(hasSpoken: boolean): Promise<Recognized> {
    if (this.answer && !hasSpoken) return this.answer
    const answer = this.recognize(this.samples.slice(0, this.count))
    this.answer = answer
    this.said = undefined
    answer.then(
      recognized => {
        if (this.answer === answer) this.said = recognized
      },
      // `finish` meets the same failure and reports it.
      () => undefined,
    )
    return answer
  }

  private end(): void {
    if (this.ended) return
    this.ended = true
    this.done()
  }
}
