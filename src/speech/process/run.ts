import { writeFileSync } from 'node:fs'
import { systemClock } from '../../core/clock.js'
import { AppError, codeOf } from '../../core/errors.js'
import type { HearingTerms } from '../../core/speech.js'
import { createLog } from '../../lib/log.js'
import { endOnFault } from '../../lib/process/faults.js'
import type { EngineLoaders, WantedEngine } from '../engines.js'
import type { SpeechSettings } from '../settings.js'
import { EngineRoom } from './engine-room.js'
import { type CreateListener, OpenQuestion } from './open-question.js'
import {
  checkFromService,
  type FromService,
  type FromSpeech,
  REFUSALS,
  reasonOf,
  writeSound,
} from './protocol.js'
import { startSelfCheck } from './self-check.js'

/** Has the kernel end this process before the service and the PBX when memory is short (`oom_score_adj`). */
const OOM_SCORE = '700'

/** Parts of the speech process. */
export interface SpeechParts {
  loaders: EngineLoaders
  createListener: CreateListener
}

/**
 * Runs the speech process: it holds the engines and the ports of the open questions, and follows the service's orders
 * on the channel of a child process. It ends with the service. It writes no file, and logs only the fault by which it
 * ends.
 */
export async function runSpeechProcess(parts: SpeechParts): Promise<void> {
  process.title = 'consentry speech'
  // Node would write the message of the error, which may quote a caller's words.
  endOnFault(createLog())
  process.once('disconnect', () => process.exit(0))
  process.once('SIGTERM', () => process.exit(0))
  // An operator interrupts the service, which then ends this process.
  process.on('SIGINT', () => {})
  giveWayForMemory()
  const { prove } = await startSelfCheck(count => send({ t: 'pong', count }))
  let room: Questions | undefined
  process.on('message', message => {
    const order = checkFromService(message)
    // Without an answer, the service ends this process and starts another one.
    if (order.t === 'ping') {
      if (!room?.isStuck) prove(order.count)
    } else if (order.t !== 'start') room?.handle(order)
    else if (!room) room = new Questions(order.settings, order.wanted, parts)
  })
}

function giveWayForMemory(): void {
  try {
    writeFileSync('/proc/self/oom_score_adj', OOM_SCORE)
  } catch {
    // Without this setting, the system chooses which process to end.
  }
}

function send(message: FromSpeech): void {
  // A closed channel ends this process.
  if (process.connected) process.send!(message, undefined, {}, () => {})
}

/** The open questions. */
class Questions {
  readonly #settings: SpeechSettings
  readonly #createListener: CreateListener
  readonly #engines: EngineRoom
  /** By number. Null while a question is being opened. */
  readonly #open = new Map<number, OpenQuestion | null>()

  constructor(
    settings: SpeechSettings,
    wanted: readonly WantedEngine[],
    { loaders, createListener }: SpeechParts,
  ) {
    this.#settings = settings
    this.#createListener = createListener
    this.#engines = new EngineRoom(settings, loaders, systemClock, engines => send({ t: 'engines', engines }))
    void this.#engines.start(wanted).then(() => send({ t: 'ready' }))
  }

  get isStuck(): boolean {
    return this.#engines.isStuck
  }

  handle(order: Exclude<FromService, { t: 'start' | 'ping' }>): void {
    if (order.t === 'want') {
      this.#engines.want(order.wanted)
      return
    }
    const { question } = order
    switch (order.t) {
      case 'open':
        return void this.#openQuestion(question, order.terms)
      case 'announce':
        return void this.#open.get(question)?.announce(order.source)
      case 'prompt-ended':
        return void this.#open.get(question)?.promptEnded()
      case 'close':
        this.#open.get(question)?.close()
        this.#open.delete(question)
    }
  }

  async #openQuestion(question: number, terms: HearingTerms): Promise<void> {
    try {
      if (this.#open.size >= this.#settings.streams)
        throw new AppError('speech.busy', 'as many callers are heard as may be heard at once')
      this.#open.set(question, null)
      const recognizer = await this.#engines.find(terms)
      const opened = await OpenQuestion.open({
        ...{ host: this.#settings.host, createListener: this.#createListener, clock: systemClock },
        ...{ recognizer, terms },
        onSpeaking: () => send({ t: 'speaking', question }),
        onAnswer: (answer, sound) =>
          send({ t: 'heard', question, answer, ...(sound && { sound: writeSound(sound) }) }),
        onFailed: reason => {
          this.#open.delete(question)
          send({ t: 'failed', question, reason })
        },
      })
      // The question was closed meanwhile.
      if (!this.#open.has(question)) return opened.close()
      this.#open.set(question, opened)
      send({ t: 'opened', question, port: opened.port })
    } catch (error) {
      const code = REFUSALS.find(one => one === codeOf(error)) ?? 'speech.unavailable'
      if (this.#open.get(question) === null) this.#open.delete(question)
      send({ t: 'refused', question, code, reason: reasonOf(error) })
    }
  }
}
