import { inTime } from '../shared/at-most.js'
import type { Clock } from '../shared/clock.js'
import { AppError } from '../shared/errors.js'
import { event, type PromptEnd, type PromptRole } from '../shared/events.js'
import type { CallId } from '../shared/ids.js'
import type { Language } from '../shared/policy.js'
import type { CallChannel, DurableEventSink, PromptBook, ReadyPrompt } from './ports.js'
import { promptIds } from './prompt-ids.js'

/**
 * A prompt counts as heard when at least this part of its known length was played: the PBX says "done" of a truncated file
 * too.
 */
const WHOLE = 0.95
/** How much longer than its length a prompt may take to be reported as played, ms, before it counts as stuck. */
const PATIENCE_MS = 3_000
/** How long the check of a prompt's files may take, ms; it usually takes one. The caller hears nothing meanwhile. */
const CHECK_MS = 1_000

export interface PlayerDeps {
  call: CallId
  channel: Pick<CallChannel, 'id' | 'play' | 'stopPlaying'>
  prompts: PromptBook
  journal: DurableEventSink
  clock: Clock
  /** The prompt was heard whole. */
  heard(): void
  /** The prompt was not heard whole, and not through the caller. */
  fault(reason: string): void
  /** An order to the channel failed. */
  refused(error: unknown): void
}

interface Current {
  id: string
  role: PromptRole
  prompt: ReadyPrompt
  startedAt: number | null
  /** When it was ordered, by a clock that nobody sets, ms. */
  orderedAt: number
  disarm: () => void
}

/** Plays one prompt at a time on one channel, and journals how much of each was heard. */
export function promptPlayer(deps: PlayerDeps) {
  const ids = promptIds(deps.channel.id)
  let current: Current | null = null
  /** Of the prompt that is wanted now; whatever belongs to an earlier one is late. */
  let turn = 0
  /** Prompts begun: the one that was stopped last must not share its name with the one that follows at once. */
  let begun = 0

  /**
   * How much of the prompt in hand was heard, ms: by the PBX's clock, which knows exactly, but no more than went by
   * since it was ordered, whatever time the PBX says it is.
   */
  function heardUntil(at: number): number {
    if (!current || current.startedAt === null) return 0
    const heard = Math.min(at - current.startedAt, deps.clock.elapsed() - current.orderedAt)
    return Math.max(0, Math.round(heard))
  }

  function ended(end: PromptEnd, at: number, reason?: string) {
    if (!current) return
    const { role, prompt } = current
    const heardMs = heardUntil(at)
    current.disarm()
    current = null
    const { name, version, text, sha256, lengthMs } = prompt
    const heard = { end, heardMs, lengthMs, ...(reason ? { reason } : {}) }
    const data = { role, prompt: name, version, text, sha256, ...heard }
    deps.journal.note(event('prompt.ended', deps.call, at, data))
  }

  function broken(at: number, reason: string) {
    ended('fault', at, reason)
    deps.fault(reason)
  }

  return {
    /** Starts a prompt once `after` is settled, for example once the channel is answered. */
    async play(language: Language, role: PromptRole, name: string, after: Promise<unknown>): Promise<void> {
      turn += 1
      const own = turn
      begun += 1
      const id = ids[begun % 2 === 0 ? 0 : 1]
      try {
        const checked = inTime(deps.clock, CHECK_MS, deps.prompts.ready(language, name), notReady)
        const [prompt] = await Promise.all([checked, after])
        if (turn !== own) return
        const stuck = () => broken(deps.clock.now(), 'prompt-stuck')
        const disarm = deps.clock.after(prompt.lengthMs + PATIENCE_MS, stuck)
        current = { id, role, prompt, startedAt: null, orderedAt: deps.clock.elapsed(), disarm }
        await deps.channel.play(prompt.media, id)
      } catch (error) {
        if (turn !== own) return
        if (error instanceof AppError && error.code.startsWith('pbx.')) return deps.refused(error)
        broken(deps.clock.now(), error instanceof AppError ? error.code : 'prompt-unknown')
      }
    },

    /** Whether the prompt in hand is being heard. */
    get begun(): boolean {
      return current?.startedAt != null
    },

    /** @param at the PBX's time, ms */
    playing(id: string, at: number) {
      if (current?.id === id) current.startedAt = at
    },

    /** @param at the PBX's time, ms */
    played(id: string, ok: boolean, at: number) {
      // What ends before it began is a prompt of the same name that a service before us had begun.
      if (current?.id !== id || current.startedAt === null) return
      if (!ok) return broken(at, 'prompt-failed')
      if (heardUntil(at) < current.prompt.lengthMs * WHOLE) return broken(at, 'prompt-cut')
      ended('complete', at)
      deps.heard()
    },

    /** Ends the prompt in hand, if there is one. Harmless if not. */
    stop(end: PromptEnd, at: number) {
      const id = current?.id
      turn += 1
      ended(end, at)
      if (id && end !== 'hangup') deps.channel.stopPlaying(id).catch(() => {})
    },
  }
}

const notReady = () =>
  new AppError('prompt.slow', `the files of a prompt could not be checked within ${CHECK_MS} ms`)
