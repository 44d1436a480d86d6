import { type Clock, systemClock } from '../../core/clock.js'
import { AppError } from '../../core/errors.js'
import { HEARD_LANGUAGES, type HeardLanguage } from '../../core/policy.js'
import { withDeadline } from '../../lib/deadline.js'
import type { InsideHosts } from '../../lib/process/outgoing.js'
import type { LoadedEngine } from '../engines.js'
import { CHECK_MS, KeptCheck, SILENCE } from '../kept-check.js'
import { RESULT_MS, type Recognizer, type RecognizerStream } from '../recognizer.js'
import type { SpeechSettings } from '../settings.js'
import { recognizedText, type Transcript } from '../words/recognized-text.js'
import { VoskConversation } from './conversation.js'

/** Prepares the Vosk servers of the settings. `check` tells whether they answer. */
export async function loadVosk({ vosk, streams, insideHosts = [] }: SpeechSettings): Promise<LoadedEngine[]> {
  return HEARD_LANGUAGES.flatMap(language => {
    const url = vosk[language]
    return url
      ? [{ recognizer: new VoskRecognizer(url, streams, systemClock, insideHosts), languages: [language] }]
      : []
  })
}

/** Recognises by one Vosk server. Each utterance has its own connection. */
export class VoskRecognizer implements Recognizer {
  readonly engine = 'vosk'
  /** The server does not report its model. The journal publishes this text, so it is not the address. */
  readonly model = 'server'
  readonly #url: string
  readonly #streams: number
  readonly #inside: InsideHosts
  readonly #clock: Pick<Clock, 'after' | 'elapsed'>
  readonly #open = new Set<VoskConversation>()
  readonly #check: KeptCheck

  /**
   * @param url `ws://host:port` or `wss://…`
   * @param streams most utterances at once
   * @param inside hosts that may have internal addresses
   */
  constructor(
    url: string,
    streams: number,
    clock: Pick<Clock, 'after' | 'elapsed'>,
    inside: InsideHosts = [],
  ) {
    this.#inside = inside
    this.#url = url
    this.#streams = streams
    this.#clock = clock
    this.#check = new KeptCheck(() => this.#try(), clock)
  }

  check(): Promise<void> {
    return this.#check.run()
  }

  open(language: HeardLanguage, threshold: number): RecognizerStream {
    if (this.#open.size >= this.#streams)
      throw new AppError('speech.busy', 'as many utterances are recognised as may be at once')
    const conversation = new VoskConversation(this.#url, this.#inside)
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
    const conversation = new VoskConversation(this.#url, this.#inside)
    try {
      conversation.write(SILENCE)
      await this.#result(conversation, CHECK_MS)
    } catch (cause) {
      throw new AppError(
        'speech.unavailable',
        `the Vosk server at ${addressOf(this.#url)} does not recognise: start it, or correct its address`,
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

/** The server's address for errors. It has no user, password or query, which the settings refuse. */
function addressOf(url: string): string {
  const { protocol, host, pathname } = new URL(url)
  return `${protocol}//${host}${pathname === '/' ? '' : pathname}`
}
