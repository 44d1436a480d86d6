import { AppError, codeOf, errorText } from '../../../core/errors.js'
import type { Message } from '../../../core/message.js'
import type { AddRoutes } from '../../deps.js'

type App = Parameters<AddRoutes>[0]
type Deps = Parameters<AddRoutes>[1]

/** Prompts that are being synthesized, or failed with an error that the page has not shown yet. */
interface Speaking {
  spoken: number
  all: number
  running: boolean
  wrong?: Error
}

/** The state of prompts that are being synthesized, for a page. */
export interface ShownSpeaking {
  /** How many of how many are done. */
  speaking?: { spoken: number; all: number }
  /** Why not all were done. */
  failure?: Message
  /** Headers that make the browser reload the page. */
  headers?: Record<string, string>
}

/** Time until the browser reloads the page while prompts are being synthesized, s. One takes a few seconds. */
const REFRESH_S = 2

/** True if a page shows this refusal's message. */
export const isShown = (error: unknown): boolean =>
  ['request.invalid', 'request.conflict', 'policy.invalid'].includes(codeOf(error) ?? '')

/**
 * Synthesizes prompts in the background, because several take longer than a browser waits. Each subject has a page with
 * the progress.
 */
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

  /** True while prompts of a subject are being synthesized. */
  isRunning(subject: string): boolean {
    return this.#bySubject.get(subject)?.running === true
  }

  /**
   * Returns the present state of a subject for its page.
   *
   * @param mayAct true if the visitor may synthesize prompts. Such a visitor sees a failure, once
   */
  shown(subject: string, mayAct: boolean): ShownSpeaking {
    const now = this.#bySubject.get(subject)
    if (now?.running) return { speaking: { ...now }, headers: { refresh: String(REFRESH_S) } }
    if (!now || !mayAct) return {}
    this.#bySubject.delete(subject)
    return now.wrong ? { failure: errorText(now.wrong) } : {}
  }

  /** Starts the synthesis. @param work calls `report` after each prompt with the number done */
  begin(subject: string, all: number, work: (report: (spoken: number) => void) => Promise<void>): void {
    const state: Speaking = { spoken: 0, all, running: true }
    this.#bySubject.set(subject, state)
    const done = work(spoken => {
      state.spoken = spoken
    })
      .catch((error: Error) => {
        state.wrong = isShown(error)
          ? error
          : new AppError('request.invalid', 'The prompts could not all be spoken: try again.')
        if (!isShown(error))
          this.#log.error({ kind: error.name, code: codeOf(error) }, 'prompts were not spoken')
      })
      .finally(() => {
        state.running = false
        this.#works.delete(done)
      })
    this.#works.add(done)
  }
}
