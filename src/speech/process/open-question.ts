import type { Clock } from '../../core/clock.js'
import { codeOf } from '../../core/errors.js'
import type { HearingTerms, RtpSource, SpokenAnswer, SpokenSound } from '../../core/speech.js'
import type { Recognizer } from '../recognizer.js'
import { RtpReceiver } from '../rtp/receiver.js'

/**
 * How long an announced source may send nothing, ms. A PBX sends 50 packets a second, even of silence. Keys count
 * meanwhile.
 */
const NO_AUDIO_MS = 3_000

/** Finds utterances in a caller's audio, and has them recognised. */
export interface Listener {
  /** @param position of the first sample, in samples since the hearing began */
  push(samples: Int16Array, position: number): void
  /** The prompt has ended. */
  promptEnded(): void
  /** Discards all audio. Nothing is reported after it. */
  close(): void
}

export interface ListenerDeps {
  recognizer: Recognizer
  terms: HearingTerms
  /** The caller has begun to speak, after the prompt. `onAnswer` or `onFailed` follows. */
  onSpeaking(): void
  /** An utterance was recognised. @param sound of a yes that the line keeps */
  onAnswer(answer: SpokenAnswer, sound?: SpokenSound): void
  /** The engine failed. No event follows. @param reason a code, which the journal gets */
  onFailed(reason: string): void
}

export type CreateListener = (deps: ListenerDeps) => Listener

export interface QuestionDeps extends ListenerDeps {
  /** IP address on which the audio arrives. */
  host: string
  createListener: CreateListener
  clock: Pick<Clock, 'after'>
}

/** An open question in the speech process: a port and its listener. */
export class OpenQuestion {
  readonly #receiver: RtpReceiver
  readonly #listener: Listener
  readonly #deps: QuestionDeps
  #cancelWatch = () => {}
  #closed = false

  private constructor(receiver: RtpReceiver, listener: Listener, deps: QuestionDeps) {
    this.#receiver = receiver
    this.#listener = listener
    this.#deps = deps
  }

  /** Opens the port. @throws AppError `speech.unavailable` */
  static async open(deps: QuestionDeps): Promise<OpenQuestion> {
    const fail = (reason: string) => {
      if (question.#closed) return
      question.close()
      deps.onFailed(reason)
    }
    const listener = deps.createListener({
      recognizer: deps.recognizer,
      terms: deps.terms,
      onSpeaking: () => void (question.#closed || deps.onSpeaking()),
      onAnswer: (...answer) => void (question.#closed || deps.onAnswer(...answer)),
      onFailed: fail,
    })
    const receiver = await RtpReceiver.open(deps.host, (samples, position) => {
      try {
        listener.push(samples, position)
      } catch (error) {
        fail(codeOf(error) ?? 'speech.failed')
      }
    })
    const question = new OpenQuestion(receiver, listener, { ...deps, onFailed: fail })
    return question
  }

  get port(): number {
    return this.#receiver.port
  }

  announce(source: RtpSource): void {
    if (this.#closed) return
    this.#receiver.announce(source)
    this.#watchAudio(0)
  }

  promptEnded(): void {
    if (!this.#closed) this.#listener.promptEnded()
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#cancelWatch()
    this.#receiver.close()
    this.#listener.close()
  }

  /** Fails the question if no packet comes for a while. @param before number of packets received before */
  #watchAudio(before: number): void {
    this.#cancelWatch = this.#deps.clock.after(NO_AUDIO_MS, () => {
      const { placed } = this.#receiver.counts
      if (placed === before) this.#deps.onFailed('no-audio')
      else this.#watchAudio(placed)
    })
  }
}
