import type { ChildProcess } from 'node:child_process'
import type { Clock } from '../core/clock.js'
import { AppError } from '../core/errors.js'
import { isHeard, type LinePolicy } from '../core/policy.js'
import type { Ear } from '../core/ports.js'
import type { HearingTerms, RtpSource, SpokenAnswer, SpokenSound } from '../core/speech.js'
import { withDeadline } from '../lib/deadline.js'
import type { Log } from '../lib/log.js'
import { childEnv } from '../lib/process/child-env.js'
import { KeptProcess } from '../lib/process/kept-process.js'
import { isSame, type WantedEngine } from './engines.js'
import { PingWatch } from './process/ping-watch.js'
import {
  checkFromSpeech,
  type EngineState,
  type FromService,
  type FromSpeech,
  readSound,
} from './process/protocol.js'
import type { SpeechSettings } from './settings.js'

/**
 * Priority of the speech process behind the service and the PBX (`nice`). Beside one busy program it still gets two fifths of a processor,
 * so that an engine that needs 50 ms for a decision has it in time.
 */
const NICENESS = 2
/** How long opening a question may take, ms. It usually takes 3 ms. The prompt of the question plays meanwhile, and lasts longer. */
const OPEN_MS = 3_000
/** How long the engines may take to load, ms. A large model takes some seconds. */
const LOAD_MS = 60_000

/** Events of an open question. */
export type HearingEvent =
  /** The caller has begun to speak, after the prompt. `heard` or `failed` follows. */
  | { event: 'speaking' }
  /** An utterance. More may follow until the question is closed. `sound`: of a yes, if the terms ask for it. */
  | { event: 'heard'; answer: SpokenAnswer; sound?: SpokenSound }
  /** The question failed and is closed. `reason`: a code. */
  | { event: 'failed'; reason: string }

/** An open question: a port to which the PBX sends what the caller says. */
export interface OpenHearing {
  readonly host: string
  readonly port: number
  /** Announces the source. From now on, only its packets count. */
  announce(source: RtpSource): void
  /** The prompt that asks has ended. */
  promptEnded(): void
  /** Discards all audio. No event follows. */
  close(): void
}

/** Hears callers in a separate process. */
export interface Hearing {
  /**
   * Begins to hear one caller.
   *
   * @param onEvent is called until the question is closed, or has failed
   * @throws AppError `speech.unavailable`, `speech.not-set-up`, `speech.busy`, `speech.timeout`; the caller then answers by key
   */
  open(terms: HearingTerms, onEvent: (event: HearingEvent) => void): Promise<OpenHearing>
  /**
   * Sets the engines that lines need from now on. The process starts with the first one, and then runs until the service ends. Further
   * engines are loaded only for tried drafts, and their faults do not count as trouble.
   */
  want(engines: readonly WantedEngine[]): void
  /** Why callers are not heard, or not by every wanted engine, for people; undefined without a fault. */
  readonly trouble: string | undefined
  /** Why the process hears no callers, for people; undefined if it does, or need not. */
  readonly processTrouble: string | undefined
  /** State of each engine for each language; empty while the process is not ready. */
  readonly engines: readonly EngineState[]
  /** Number of open questions. */
  readonly size: number
  /** Process id; undefined while the process does not run. */
  readonly pid: number | undefined
  stop(): Promise<void>
}

export interface HearingOptions {
  settings: SpeechSettings
  /** Program and arguments of the speech process: Node with `process/main.js`. */
  command: readonly [string, ...string[]]
  clock: Pick<Clock, 'after' | 'elapsed'>
  log: Log
}

/** A question that waits for `opened`, or receives events. */
interface Question {
  opened(port: number): void
  refused(error: AppError): void
  onEvent(event: HearingEvent): void
}

/** A shell starts the process without core dumps, which would contain callers' speech. */
const WITHOUT_CORE = ['/bin/sh', '-c', 'ulimit -c 0; exec "$0" "$@"'] as const

/** ONNX Runtime would send usage figures to its maker, and keep them in a file of the user. See `loaders.ts`. */
const QUIET = { ORT_DISABLE_TELEMETRY: '1' }

/** Hears callers once `want` has named an engine. The process then loads its engines, and `open` rejects until it is ready. */
export function createHearing({ settings, command, clock, log }: HearingOptions): Hearing {
  const questions = new Map<number, Question>()
  let lastQuestion = 0
  let child: ChildProcess | undefined
  let ready = false
  let hung = false
  let stopped = false
  let engines: readonly EngineState[] = []
  /** Engines that lines need. */
  let needed: readonly WantedEngine[] = []
  /** Loaded engines, including those of tried drafts. */
  let wanted: readonly WantedEngine[] = []
  let cancelLoading = () => {}

  function send(message: FromService): void {
    // The end of the process reports the loss.
    if (child?.connected) child.send(message, () => {})
  }

  function failAll(reason: string): void {
    for (const [id, question] of [...questions]) {
      questions.delete(id)
      send({ t: 'close', question: id })
      question.refused(unavailable(reason))
      question.onEvent({ event: 'failed', reason })
    }
  }

  const watch = new PingWatch(clock, {
    ping: count => send({ t: 'ping', count }),
    silent() {
      hung = true
      log.error({ questions: questions.size }, 'the speech process does not answer: callers answer by key')
      failAll('speech-process-hung')
    },
    gone: () => kept?.kill(),
  })

  function receive(from: ChildProcess, message: unknown): void {
    // Messages of a process that is being ended would set timers again.
    if (from !== child || stopped) return
    let checked: FromSpeech
    try {
      checked = checkFromSpeech(message)
    } catch (error) {
      log.error({ reason: (error as Error).message }, 'the speech process is killed: it broke the protocol')
      return void kept?.kill()
    }
    handle(checked)
  }

  function handle(message: FromSpeech): void {
    switch (message.t) {
      case 'ready':
        ready = true
        cancelLoading()
        log.info({ engines }, 'callers can answer by voice')
        return void watch.start()
      case 'engines':
        engines = message.engines
        return
      case 'pong':
        if (watch.pong(message.count)) hung = false
        return
      case 'opened':
        return void questions.get(message.question)?.opened(message.port)
      case 'refused':
        return void take(message.question)?.refused(new AppError(message.code, message.reason))
      case 'speaking':
        return void questions.get(message.question)?.onEvent({ event: 'speaking' })
      case 'heard':
        return void questions.get(message.question)?.onEvent({
          ...{ event: 'heard', answer: message.answer },
          ...(message.sound !== undefined && { sound: readSound(message.sound) }),
        })
      case 'failed':
        return void take(message.question)?.onEvent({ event: 'failed', reason: message.reason })
    }
  }

  function take(id: number): Question | undefined {
    const question = questions.get(id)
    questions.delete(id)
    return question
  }

  let kept: KeptProcess | undefined
  const startProcess = () =>
    new KeptProcess({
      ...{ name: 'speech', command: [...WITHOUT_CORE, ...command], env: childEnv(QUIET) },
      ...{ niceness: NICENESS, clock, log },
      onStart(started) {
        child = started
        started.on('message', message => receive(started, message))
        // A broken channel ends the process, which is reported.
        started.on('error', () => {})
        send({ t: 'start', settings, wanted: [...wanted] })
        cancelLoading = clock.after(LOAD_MS, () => {
          log.error('the speech process is killed: its engines were not loaded in time')
          kept?.kill()
        })
      },
      onEnd() {
        child = undefined
        ready = false
        hung = false
        engines = []
        cancelLoading()
        watch.stop()
        failAll('speech-process-ended')
      },
    })

  function load(engines: readonly WantedEngine[]): void {
    wanted = engines
    if (kept) send({ t: 'want', wanted: [...wanted] })
    else if (wanted.length > 0) kept = startProcess()
  }

  function processTrouble(): string | undefined {
    if (!kept) return undefined
    if (hung) return 'the speech process does not answer'
    return ready ? undefined : 'the speech process is not ready'
  }

  function states(): readonly EngineState[] {
    if (settings.streams === 0) return needed.map(one => ({ ...one, trouble: NOT_HEARD }))
    return engines.filter(({ engine, language }) =>
      needed.some(one => one.engine === engine && (language ?? one.language) === one.language),
    )
  }

  function trouble(): string | undefined {
    const failed = states().flatMap(one => one.trouble ?? [])
    return processTrouble() ?? (failed.length > 0 ? failed.join('; ') : undefined)
  }

  return {
    async open(terms, onEvent) {
      if (settings.streams === 0) throw new AppError('speech.not-set-up', NOT_HEARD)
      // A tried draft may be the first to need an engine. Its next question is heard.
      const { engine, language } = terms
      if (!wanted.some(one => isSame(one, terms))) load([...wanted, { engine, language }])
      const away = processTrouble()
      if (away !== undefined) throw unavailable(away)
      const id = ++lastQuestion
      const { host } = settings
      const opening = new Promise<number>((opened, refused) => {
        questions.set(id, { opened, refused, onEvent: () => {} })
        send({ t: 'open', question: id, terms })
      })
      const close = () => {
        if (take(id)) send({ t: 'close', question: id })
      }
      const error = () => {
        close()
        return new AppError('speech.timeout', 'the speech process did not open a port in time')
      }
      const port = await withDeadline(opening, { clock, ms: OPEN_MS, error })
      // The process may have ended meanwhile.
      const question = questions.get(id)
      if (!question) throw unavailable('the speech process has ended')
      question.onEvent = onEvent
      return {
        ...{ host, port, close },
        announce: source => send({ t: 'announce', question: id, source }),
        promptEnded: () => send({ t: 'prompt-ended', question: id }),
      }
    },
    want(engines) {
      needed = engines
      if (settings.streams > 0) load(engines)
    },
    get trouble() {
      return trouble()
    },
    get processTrouble() {
      return processTrouble()
    },
    get engines() {
      return states()
    },
    get size() {
      return questions.size
    },
    get pid() {
      return kept?.pid
    },
    async stop() {
      stopped = true
      cancelLoading()
      watch.stop()
      await kept?.stop()
    },
  }
}

const NOT_HEARD = 'no spoken answer is heard: set CONSENTRY_EAR_STREAMS to more than 0'

const unavailable = (reason: string) => new AppError('speech.unavailable', reason, { retryable: true })

/** The engines that lines need, each with every language in which its callers may be asked. */
export function enginesNeeded(lines: readonly LinePolicy[]): WantedEngine[] {
  const all = lines.flatMap(({ mode, voice, language, languages = [] }) => {
    if (mode !== 'voice-or-key' || !voice) return []
    const spoken = [language, ...languages.map(one => one.language)]
    return spoken.filter(isHeard).map(one => ({ engine: voice.engine, language: one }))
  })
  return all.filter((one, i) => all.findIndex(other => isSame(one, other)) === i)
}

interface EarDeps {
  hearing: Pick<Hearing, 'open'>
  log: Log
  /**
   * Called before each event is passed on. Detects that this process stalled, after which the caller may no longer be
   * asked.
   */
  check?(): void
}

/** Hears callers: for each question, opens a port of the speech process and has the PBX send audio to it. */
export function createEar({ hearing, log, check }: EarDeps): Ear {
  return {
    async open(channel, terms, onEvent) {
      const heard = await hearing.open(terms, event => {
        check?.()
        if (event.event === 'speaking') return onEvent(event)
        if (event.event === 'heard') return onEvent({ ...event, event: 'spoken' })
        close()
        onEvent({ event: 'lost', reason: event.reason })
      })
      const feed = channel.feed(heard.host, heard.port)
      let closed = false
      const close = () => {
        if (closed) return
        closed = true
        heard.close()
        feed
          .close()
          .catch(() => log.warn({ channel: channel.id }, 'an ear could not be removed from the PBX yet'))
      }
      try {
        await feed.open(heard.announce)
      } catch (error) {
        close()
        throw error
      }
      return { promptEnded: heard.promptEnded, close }
    },
  }
}
