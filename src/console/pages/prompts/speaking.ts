import { AppError, codeOf } from '../../../shared/errors.js'
import type { AddRoutes } from '../../deps.js'

type App = Parameters<AddRoutes>[0]
type Deps = Parameters<AddRoutes>[1]

/** Prompts that are being spoken, or were not because of an error that its page has not shown yet. */
interface Speaking {
  spoken: number
  all: number
  running: boolean
  wrong?: Error
}

/** What a page says of prompts that are being spoken. */
export interface ShownSpeaking {
  /** How many of how many are spoken. */
  speaking?: { spoken: number; all: number }
  /** Why not all were. */
  failure?: string
  /** By these the browser loads the page again. */
  headers?: Record<string, string>
}

/** After how long the browser loads the page again while prompts are being spoken, s. One takes a few seconds. */
const REFRESH_S = 2

/** Whether a page says why something was refused. */
export const isTold = (error: unknown): boolean =>
  ['request.invalid', 'request.conflict', 'policy.invalid'].includes(codeOf(error) ?? '')

/** Speaks prompts while nobody waits for the answer: several take longer than a browser waits. Each subject has a page that says how far it is. */
export class SpeakingWorks {
  readonly #log: Deps['log']
  readonly #bySubject = new Map<string, Speaking>()
  readonly #works = new Set<Promise<void>>()

  constructor(app: App, { log }: Pick<Deps, 'log'>) {
    this.#log = log
    app.addHook('onClose', async () => {
      await Promise.all(this.#works)
    })
  }

  /** Whether prompts of a subject are being spoken. */
  isRunning(subject: string): boolean {
    return this.#bySubject.get(subject)?.running === true
  }

  /**
   * What a page says of a subject, at one moment.
   *
   * @param mayAct whether the visitor is one who may speak prompts: to such a one a failure is told, once
   */
  shown(subject: string, mayAct: boolean): ShownSpeaking {
    const now = this.#bySubject.get(subject)
    if (now?.running) return { speaking: { ...now }, headers: { refresh: String(REFRESH_S) } }
    if (!now || !mayAct) return {}
    this.#bySubject.delete(subject)
    return now.wrong ? { failure: now.wrong.message } : {}
  }

  /** Begins to speak. @param work calls `told` with how many are spoken, after each of them */
  begin(subject: string, all: number, work: (told: (spoken: number) => void) => Promise<void>): void {
    const state: Speaking = { spoken: 0, all, running: true }
    this.#bySubject.set(subject, state)
    const done = work(spoken => {
      state.spoken = spoken
    })
      .catch((error: Error) => {
        state.wrong = isTold(error)
          ? error
          : new AppError('request.invalid', 'The prompts could not all be spoken: try again.')
        if (!isTold(error))
          this.#log.error({ kind: error.name, code: codeOf(error) }, 'prompts were not spoken')
      })
      .finally(() => {
        state.running = false
        this.#works.delete(done)
      })
    this.#works.add(done)
  }
}
