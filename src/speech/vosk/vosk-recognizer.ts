import { type Clock, systemClock } from '../../shared/clock.js'
import { withDeadline } from '../../shared/deadline.js'
import { AppError } from '../../shared/errors.js'
import { HEARD_LANGUAGES, type HeardLanguage } from '../../shared/policy.js'
import type { LoadedEngine } from '../engines.js'
import type { Recognizer, RecognizerStream } from '../recognizer.js'
import type { SpeechSettings } from '../settings.js'
import { recognizedText, type Transcript } from '../words/recognized-text.js'
import { VoskConversation } from './conversation.js'

/** How long the result may take after the end of an utterance, ms. It usually takes 50-300 ms. */
const RESULT_MS = 2_000
/** How long a check may take, ms. A question waits for it. */
const CHECK_MS = 800
/** How long the result of a check holds, ms: of one that succeeded, and of one that failed. */
const [GOOD_MS, BAD_MS] = [5_000, 1_000]
/** What a check has recognised: 100 ms of silence. */
const SILENCE = new Int16Array(800)

/** Prepares the Vosk servers of the settings. Whether they answer, `check` says. */
export async function loadVosk({ vosk, streams }: SpeechSettings): Promise<LoadedEngine[]> {
  return HEARD_LANGUAGES.flatMap(language => {
    const url = vosk[language]
    return url ? [{ recognizer: new VoskRecognizer(url, streams, systemClock), languages: [language] }] : []
  })
}

/** Recognises by one Vosk server. Each utterance has a connection of its own. */
export class VoskRecognizer implements Recognizer {
  readonly engine = 'vosk'
  /** The address of the server. It does not say which model it has. */
  readonly model: string
  readonly #url: string
  readonly #streams: number
  readonly #clock: Pick<Clock, 'after' | 'elapsed'>
  readonly #open = new Set<VoskConversation>()
  #check: { result: Promise<void>; until: number } | undefined

  /**
   * @param url `ws://host:port` or `wss://…`
   * @param streams most utterances at once
   */
  constructor(url: string, streams: number, clock: Pick<Clock, 'after' | 'elapsed'>) {
    this.model = addressOf(url)
    this.#url = url
    this.#streams = streams
    this.#clock = clock
  }

  check(): Promise<void> {
    if (this.#check && this.#clock.elapsed() < this.#check.until) return this.#check.result
    const check = { result: this.#try(), until: Number.POSITIVE_INFINITY }
    this.#check = check
    const holds = (ms: number) => () => {
      check.until = this.#clock.elapsed() + ms
    }
    check.result.then(holds(GOOD_MS), holds(BAD_MS))
    return check.result
  }

  open(language: HeardLanguage, threshold: number): RecognizerStream {
    if (this.#open.size >= this.#streams)
      throw new AppError('speech.busy', 'as many utterances are recognised as may be at once')
    const conversation = new VoskConversation(this.#url)
    this.#open.add(conversation)
    const close = () => {
      this.#open.delete(conversation)
      conversation.close()
    }
    const read = (transcript: Transcript) => recognizedText(language, threshold, transcript)
    return {
      write: samples => conversation.write(samples),
      partial: () => (conversation.transcript.text === '' ? undefined : read(conversation.transcript)),
      finish: () => this.#result(conversation, RESULT_MS).then(read).finally(close),
      cancel: close,
    }
  }

  async close(): Promise<void> {
    for (const conversation of this.#open) conversation.close()
    this.#open.clear()
  }

  async #try(): Promise<void> {
    const conversation = new VoskConversation(this.#url)
    try {
      conversation.write(SILENCE)
      await this.#result(conversation, CHECK_MS)
    } catch (cause) {
      throw new AppError(
        'speech.unavailable',
        `the Vosk server at ${this.model} does not recognise: start it, or correct its address`,
        { retryable: true, cause },
      )
    } finally {
      conversation.close()
    }
  }

  #result(conversation: VoskConversation, ms: number): Promise<Transcript> {
    const error = () => new AppError('speech.timeout', `the Vosk server gave no result within ${ms} ms`)
    return withDeadline(conversation.finish(), { clock: this.#clock, ms, error })
  }
}

/** The address as evidence and errors name it. It has no user, password or query, which the settings refuse. */
function addressOf(url: string): string {
  const { protocol, host, pathname } = new URL(url)
  return `${protocol}//${host}${pathname === '/' ? '' : pathname}`
}
