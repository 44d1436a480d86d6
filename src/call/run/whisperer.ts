import { codeOf } from '../../core/errors.js'
import type { PromptEnd, PromptRole } from '../../core/events.js'
import type { Language } from '../../core/policy.js'
import type { CallChannel, Whisper } from '../ports.js'
import { createPromptPlayer, type PlayerDeps } from './prompt-player.js'

interface Deps extends Omit<PlayerDeps, 'channel' | 'onHeard' | 'onFault' | 'onRefused'> {
  channel: CallChannel
  /** The prompt was heard in full. */
  onWhispered(): void
  /** The prompt was not heard in full. */
  onNotWhispered(reason: string): void
}

/**
 * Plays prompts that only the caller hears, while the channel is in the dialplan. A whisper channel is opened for each
 * announcement, and closed after it. A failure is journalled with the prompt.
 */
export function createWhisperer({ channel, onWhispered, onNotWhispered, ...deps }: Deps) {
  let speaking: Whisper | undefined
  /** Set while the announcer waits for the result, to continue with the next part. */
  let telling = false
  /** Resolves when no whisper plays any more. */
  let closed: Promise<unknown> = Promise.resolve()
  const close = () => {
    const open = speaking
    speaking = undefined
    if (open) closed = open.close().catch(() => {})
  }
  function ended(fault?: string) {
    if (!telling) return close()
    telling = false
    if (fault === undefined) onWhispered()
    else onNotWhispered(fault)
  }
  const whisper = channel.whisper()
  const player = createPromptPlayer({
    ...deps,
    channel: whisper,
    onHeard: () => ended(),
    onFault: ended,
    onRefused: error => ended(codeOf(error) ?? 'unknown'),
  })
  function play(language: Language, role: PromptRole, prompt: string, after: Promise<unknown>) {
    speaking = whisper
    void player.play(language, role, prompt, after)
  }
  return {
    /** Whether a channel is the whisper channel that speaks now. */
    speaksOn: (channel: string) => speaking?.id === channel,
    /** Whispers one sentence without a continuation. @param after the prompt starts when this has resolved */
    speak(language: Language, prompt: string, after: Promise<unknown>) {
      telling = false
      play(language, 'withdrawn', prompt, after)
    },
    /** Whispers a part of an announcement. The whisper channel stays open for the next part, until `endWhisper`. */
    tell(language: Language, role: PromptRole, prompt: string, after: Promise<unknown>) {
      telling = true
      play(language, role, prompt, after)
    },
    playing: player.playing,
    played: player.played,
    /** Stops the whisper. The whisper channel is closed, unless another prompt follows at once. */
    endWhisper(end: PromptEnd, at: number) {
      telling = false
      player.stop(end, at)
      const before = speaking
      speaking = undefined
      closed = Promise.resolve().then(() =>
        speaking === undefined ? before?.close().catch(() => {}) : undefined,
      )
    },
    /** Resolves when the whisper channel is closed. */
    closed: () => closed,
    /** The call is over. */
    end(at: number) {
      telling = false
      player.stop('hangup', at)
      close()
    },
  }
}
