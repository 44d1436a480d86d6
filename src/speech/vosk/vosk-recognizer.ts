import { WebSocket } from 'ws'
import { SAMPLE_RATE } from '../../core/audio.js'
import { type Clock, systemClock } from '../../core/clock.js'
import { AppError } from '../../core/errors.js'
import { HEARD_LANGUAGES, type HeardLanguage } from '../../core/policy.js'
import { withDeadline } from '../../lib/deadline.js'
import { guardedLookup, type InsideHosts } from '../../lib/process/outgoing.js'
import type { LoadedEngine } from '../engines.js'
import { CHECK_MS, KeptCheck, SILENCE } from '../kept-check.js'
import { RESULT_MS, type Recognizer, type RecognizerStream } from '../recognizer.js'
import type { SpeechSettings } from '../settings.js'
import { recognizedText, type Transcript } from '../words/recognized-text.js'

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

/** The first message. With a list of phrases, the server would hear one of them in every word. */
const CONFIG = JSON.stringify({ config: { sample_rate: SAMPLE_RATE } })
/** The last message. The server expects exactly this text. */
const EOF = '{"eof" : 1}'
/** How long the connection may take to open, ms. */
const OPEN_MS = 1_000
/** Longest message of a server, bytes. The result of a long utterance has some thousand bytes. */
const MOST_BYTES = 262_144
/** Most bytes of all messages of an utterance. Every 100 ms, the server sends the words so far. */
const MOST_BYTES_OF_ALL = 4_194_304
/** Least samples in a message, except for the last: 100 ms. */
const BLOCK = 800

/**
 * One utterance with a Vosk server, over a WebSocket. The server takes the configuration, 16-bit samples and the end,
 * and answers each message but the first with a result.
 */
class VoskConversation {
  readonly #socket: WebSocket
  #pending: Int16Array[] = []
  #pendingSamples = 0
  /** Final results, and the latest preliminary one. */
  readonly #texts: string[] = []
  #partial = ''
  #score: number | undefined
  #ended = false
  /** Messages that the server has not answered yet. */
  #unanswered = 0
  /** Bytes that the server has sent. */
  #received = 0
  readonly #done: Promise<void>
  #finish = () => {}
  #fail = (_: AppError) => {}

  /**
   * @param url `ws://host:port` or `wss://…`
   * @param inside hosts that may have internal addresses
   */
  constructor(url: string, inside: InsideHosts) {
    this.#done = new Promise((resolve, reject) => {
      this.#finish = resolve
      this.#fail = reject
    })
    // The caller of `finish` gets the failure.
    this.#done.catch(() => {})
    const options = { handshakeTimeout: OPEN_MS, maxPayload: MOST_BYTES, perMessageDeflate: false }
    this.#socket = new WebSocket(url, { ...options, followRedirects: false, lookup: guardedLookup(inside) })
    this.#socket.once('open', () => {
      this.#socket.send(CONFIG, () => {})
      this.#sendBlocks(this.#ended ? 1 : BLOCK)
      if (this.#ended) this.#send(EOF)
    })
    this.#socket.on('message', (data, isBinary) => this.#take(isBinary ? '' : String(data)))
    this.#socket.once('error', (cause: Error) => this.#end(failed('the Vosk server cannot be used', cause)))
    this.#socket.once('close', () => this.#end(failed('the Vosk server closed the connection')))
  }

  write(samples: Int16Array): void {
    if (this.#ended) return
    this.#pending.push(samples)
    this.#pendingSamples += samples.length
    this.#sendBlocks(BLOCK)
  }

  /** The server's text of the utterance so far. */
  get transcript(): Transcript {
    const text = [...this.#texts, this.#partial].filter(one => one !== '').join(' ')
    return { text, ...(this.#score === undefined ? {} : { score: this.#score }) }
  }

  /** Ends the utterance. @returns its whole text @throws AppError `speech.failed` */
  async finish(): Promise<Transcript> {
    if (!this.#ended) {
      this.#ended = true
      this.#sendBlocks(1)
      if (this.#isOpen) this.#send(EOF)
    }
    await this.#done
    return this.transcript
  }

  /** Closes the connection and forgets the utterance. */
  close(): void {
    this.#ended = true
    this.#pending = []
    this.#texts.length = 0
    this.#partial = ''
    this.#socket.terminate()
  }

  get #isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN
  }

  /** Sends a message that the server answers. */
  #send(message: string | Buffer): void {
    this.#unanswered += 1
    this.#socket.send(message, () => {})
  }

  /** Sends the waiting samples, if there are at least `least`. */
  #sendBlocks(least: number): void {
    if (!this.#isOpen || this.#pendingSamples < least) return
    const bytes = Buffer.concat(
      this.#pending.map(({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength)),
    )
    this.#pending = []
    this.#pendingSamples = 0
    this.#send(bytes)
  }

  #take(message: string): void {
    this.#received += message.length
    if (this.#received > MOST_BYTES_OF_ALL) return void this.#end(failed('the Vosk server sends too much'))
    const result = parse(message)
    if (!result) return void this.#end(failed('the Vosk server sent no result'))
    this.#unanswered -= 1
    this.#partial = 'partial' in result ? result.partial : ''
    if ('text' in result) {
      this.#texts.push(result.text)
      for (const score of result.scores) this.#score = Math.min(this.#score ?? 1, score)
    }
    // The answer to the last message contains all the rest. Without it, a "no" at the end might be missing.
    if (this.#ended && this.#unanswered === 0)
      this.#end('text' in result ? undefined : failed('the Vosk server gave no last result'))
  }

  #end(failure?: AppError): void {
    if (failure) this.#fail(failure)
    else this.#finish()
    this.#socket.terminate()
  }
}

const failed = (message: string, cause?: Error): AppError =>
  new AppError('speech.failed', message, { retryable: true, cause })

/** A message of the server: the words so far, or the words of an utterance with their confidences. */
function parse(message: string): { partial: string } | { text: string; scores: number[] } | undefined {
  let value: unknown
  try {
    value = JSON.parse(message)
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null) return undefined
  const { partial, text, result, alternatives } = value as Record<string, unknown>
  if (typeof partial === 'string') return { partial }
  if (typeof text === 'string') return { text, scores: scoresOf(result) }
  // A server configured for alternatives gives no confidences between 0 and 1.
  const best = Array.isArray(alternatives) ? (alternatives[0] as { text?: unknown } | undefined) : undefined
  return typeof best?.text === 'string' ? { text: best.text, scores: [] } : undefined
}

const scoresOf = (result: unknown): number[] =>
  (Array.isArray(result) ? result : []).flatMap(word => {
    const conf: unknown = word?.conf
    return typeof conf === 'number' && conf >= 0 && conf <= 1.001 ? [Math.min(1, conf)] : []
  })
