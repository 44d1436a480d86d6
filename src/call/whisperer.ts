import type { Language } from '../shared/policy.js'
import type { CallChannel, Whisper } from './ports.js'
import { createPromptPlayer, type PlayerDeps } from './prompt-player.js'

type Deps = Omit<PlayerDeps, 'channel' | 'onHeard' | 'onFault' | 'onRefused'> & { channel: CallChannel }

/**
 * Plays prompts that only the caller hears, while the channel is in the dialplan. The whisper channel is opened for one prompt and
 * closed after it. A failure is journalled with the prompt and changes nothing else in the call.
 */
export function createWhisperer({ channel, ...deps }: Deps) {
  let speaking: Whisper | undefined
  const close = () => {
    const open = speaking
    speaking = undefined
    open?.close().catch(() => {})
  }
  const whisper = channel.whisper()
  const player = createPromptPlayer({
    ...deps,
    channel: whisper,
    onHeard: close,
    onFault: close,
    onRefused: close,
  })
  return {
    /** Whether a channel is the whisper channel that speaks now. */
    speaksOn: (channel: string) => speaking?.id === channel,
    /** @param after the prompt starts when this has resolved */
    speak(language: Language, prompt: string, after: Promise<unknown>) {
      speaking = whisper
      void player.play(language, 'withdrawn', prompt, after)
    },
    playing: player.playing,
    played: player.played,
    /** The call is over. */
    end(at: number) {
      player.stop('hangup', at)
      close()
    },
  }
}
