import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '../../core/clock.js'
import { AppError, codeOf } from '../../core/errors.js'
import { event, type PromptEnd, type PromptRole } from '../../core/events.js'
import type { CallId, ChannelId } from '../../core/ids.js'
import type { Language } from '../../core/policy.js'
import { withDeadline } from '../../lib/deadline.js'
import type { FactName } from '../machine/call-states.js'
import type { CallChannel, DurableEventSink, PromptBook, ReadyPrompt } from '../ports.js'

/**
 * A prompt counts as heard when at least this fraction of its known length was played. The PBX reports a truncated file as
 * played, too.
 */
const HEARD_FRACTION = 0.95
/**
 * A prompt is stuck if the PBX has not reported its end this long after its known length, counted from its beginning,
 * ms. The caller hears nothing then, so this does not exceed the first limit of `pace.ts`.
 */
const STUCK_AFTER_MS = 2_500

export interface PlayerDeps {
  call: CallId
  channel: Pick<CallChannel, 'id' | 'play' | 'stopPlaying'>
  prompts: PromptBook
  journal: DurableEventSink
  clock: Clock
  /** The caller heard the whole prompt. */
  onHeard(): void
  /** The caller did not hear the whole prompt, and the caller was not the reason. */
  onFault(reason: string): void
  /** An order to the channel failed. */
  onRefused(error: unknown): void
  /** The PBX has begun a prompt of this length, ms; 0: the ordered prompt has ended. */
  onPlaying?(lengthMs: number): void
}

interface CurrentPrompt {
  id: string
  role: PromptRole
  prompt: ReadyPrompt
  startedAt: number | null
  /** When the prompt was ordered, by the monotonic clock, ms. */
  orderedAt: number
  cancelTimeout: () => void
}

const ENDS: Partial<Record<FactName, PromptEnd>> = {
  key: 'key',
  // This timer means that enough of the disclosure was heard after a key that came too early.
  silence: 'key',
  'hanging-up': 'hangup',
  'hung-up': 'hangup',
}

/** How the journal says that a prompt ended, if this fact stopped it. */
export const promptEndBy = (fact: FactName): PromptEnd => ENDS[fact] ?? 'fault'

/** Plays one prompt at a time on one channel, and journals how much of each prompt the caller heard. */
export function createPromptPlayer(deps: PlayerDeps) {
  const { clock } = deps
  const ids = promptIds(deps.channel.id)
  let current: CurrentPrompt | null = null
  /** Number of the latest order to play or stop. Results of earlier orders are ignored. */
  let latestOrder = 0
  /** Number of prompts started. Two prompts in a row must not share an id. */
  let started = 0

  /**
   * How much of the current prompt the caller heard, ms. The PBX's clock is exact, but it may be set to another time.
   * The result is therefore at most the time since the prompt was ordered, by our monotonic clock.
   */
  function heardMsAt(at: number): number {
    if (!current || current.startedAt === null) return 0
    const heard = Math.min(at - current.startedAt, clock.elapsed() - current.orderedAt)
    return Math.max(0, Math.round(heard))
  }

  function journalEnd(end: PromptEnd, at: number, reason?: string) {
    if (!current) return
    const { role, prompt } = current
    const heardMs = heardMsAt(at)
    current.cancelTimeout()
    current = null
    deps.onPlaying?.(0)
    const { name, version, text, sha256, lengthMs } = prompt
    const heard = { end, heardMs, lengthMs, ...(reason ? { reason } : {}) }
    const data = { role, prompt: name, version, text, sha256, ...heard }
    deps.journal.note(event('prompt.ended', deps.call, at, data))
  }

  const orderedNow = (id: string, role: PromptRole, prompt: ReadyPrompt): CurrentPrompt => ({
    ...{ id, role, prompt, startedAt: null, orderedAt: clock.elapsed() },
    cancelTimeout() {},
  })

  function failPrompt(at: number, reason: string) {
    journalEnd('fault', at, reason)
    deps.onFault(reason)
  }

  /**
   * Gives a prompt up after `ms`, unless the PBX reports progress first. The prompt is also stopped, because the PBX
   * moves a channel only when its prompt has ended.
   */
  function giveUpAfter(ms: number, one: CurrentPrompt, reason: string) {
    one.cancelTimeout()
    one.cancelTimeout = clock.after(ms, () => {
      if (current !== one) return
      latestOrder += 1
      deps.channel.stopPlaying(one.id).catch(() => {})
      failPrompt(clock.now(), reason)
    })
  }
  const giveUpIfStuck = (one: CurrentPrompt) =>
    giveUpAfter(one.prompt.lengthMs + STUCK_AFTER_MS, one, 'prompt-stuck')

  return {
    /** Starts a prompt when `after` has resolved, for example when the channel is answered. */
    async play(language: Language, role: PromptRole, name: string, after: Promise<unknown>): Promise<void> {
      latestOrder += 1
      const thisOrder = latestOrder
      started += 1
      const id = ids[started % 2 === 0 ? 0 : 1]
      try {
        const checked = promptInTime(deps.prompts, language, name, clock)
        const [prompt] = await Promise.all([checked, after])
        if (latestOrder !== thisOrder) return
        const ordered = orderedNow(id, role, prompt)
        current = ordered
        giveUpIfStuck(ordered)
        await deps.channel.play(prompt.media, id)
        // The PBX may report the beginning before it confirms the order.
        if (current === ordered && ordered.startedAt === null)
          giveUpAfter(START_TIMEOUT_MS, ordered, 'prompt-not-started')
      } catch (error) {
        if (latestOrder !== thisOrder) return
        const refused = error instanceof AppError && error.code.startsWith('pbx.')
        if (refused && error.endsCall) return deps.onRefused(error)
        const prompt = deps.prompts.find(language, name)
        if (!current && prompt) current = orderedNow(id, role, prompt)
        const reason = codeOf(error) ?? 'prompt-unknown'
        if (!refused) return failPrompt(clock.now(), reason)
        journalEnd('fault', clock.now(), reason)
        deps.onRefused(error)
      }
    },

    /**
     * How much of the current prompt the caller has heard, ms; undefined until its beginning is reported.
     * @param at the PBX's time, ms
     */
    heardMs: (at: number): number | undefined => (current?.startedAt == null ? undefined : heardMsAt(at)),

    /** @param at the PBX's time, ms */
    playing(id: string, at: number) {
      if (current?.id !== id) return
      current.startedAt = at
      giveUpIfStuck(current)
      deps.onPlaying?.(current.prompt.lengthMs)
    },

    /** @param at the PBX's time, ms */
    played(id: string, ok: boolean, at: number) {
      // An earlier service used the same ids, so an end without a start belongs to its prompt.
      if (current?.id !== id || current.startedAt === null) return
      if (!ok) return failPrompt(at, 'prompt-failed')
      if (heardMsAt(at) < current.prompt.lengthMs * HEARD_FRACTION) return failPrompt(at, 'prompt-cut')
      journalEnd('complete', at)
      deps.onHeard()
    },

    /** Gives up the current prompt although no order has failed. */
    giveUp(reason: string): void {
      latestOrder += 1
      if (current) deps.channel.stopPlaying(current.id).catch(() => {})
      failPrompt(clock.now(), reason)
    },

    /** Ends the current prompt. Does nothing if none exists. */
    stop(end: PromptEnd, at: number) {
      const id = current?.id
      latestOrder += 1
      journalEnd(end, at)
      if (id && end !== 'hangup') deps.channel.stopPlaying(id).catch(() => {})
    },
  }
}

/**
 * The ids of a channel's prompt playbacks, used in turn. They are fixed, so that the keeper and a later service can
 * stop a prompt that this service started. They must stop it, because the PBX moves a channel only when its prompt has
 * ended. `src/keeper/rescue.ts` has the same ids.
 */
export const promptIds = (channel: ChannelId): readonly [string, string] => [
  `${channel}-prompt-0`,
  `${channel}-prompt-1`,
]

/**
 * Number of stops of a playback until it is gone, and the time between two stops, ms. A playback usually ends within 20
 * ms.
 */
const MAX_STOPS = 25
const STOP_INTERVAL_MS = 20

/**
 * Stops prompts that another service may have started on a channel, and waits until they have ended, because the ids are used
 * again. Never rejects.
 */
export async function stopLeftoverPlaybacks(channel: Pick<CallChannel, 'id' | 'stopPlaying'>): Promise<void> {
  await Promise.all(promptIds(channel.id).map(id => stopUntilGone(channel, id)))
}

async function stopUntilGone(channel: Pick<CallChannel, 'stopPlaying'>, id: string): Promise<void> {
  for (let stops = 0; stops < MAX_STOPS; stops += 1) {
    try {
      await channel.stopPlaying(id)
    } catch {
      return
    }
    await sleep(STOP_INTERVAL_MS)
  }
}

/** How long the check of a prompt's files may take, ms. It usually takes 1 ms. The caller hears nothing meanwhile. */
const CHECK_TIMEOUT_MS = 1_000
/**
 * How long an accepted playback may take to begin, ms. It takes some ms, and 0.1 s on a busy machine with a hundred
 * callers at once. It equals the stall of this process after which calls fail anyway, so that a report that waits in
 * the socket during a stall fails no prompt.
 */
export const START_TIMEOUT_MS = 2_000

/**
 * Checks the files of a prompt before it is played, for at most 1 s, because the disk may hang.
 *
 * @throws AppError `prompt.slow` after 1 s; the errors of `PromptBook.ready`
 */
export const promptInTime = (
  prompts: PromptBook,
  language: Language,
  name: string,
  clock: Pick<Clock, 'after'>,
): Promise<ReadyPrompt> =>
  withDeadline(prompts.ready(language, name), { clock, ms: CHECK_TIMEOUT_MS, error: checkTooSlow })

const checkTooSlow = () =>
  new AppError('prompt.slow', `the files of a prompt could not be checked within ${CHECK_TIMEOUT_MS} ms`)
