import type { Language } from '../shared/policy.js'
import type { CallChannel, Whisper } from './ports.js'
import { type PlayerDeps, promptPlayer } from './prompt-player.js'

type Deps = Omit<PlayerDeps, 'channel' | 'heard' | 'fault' | 'refused'> & { channel: CallChannel }

/**
 * Speaks to the caller alone while the channel is elsewhere: through a voice that is opened for one prompt and closed
 * after it. Whatever fails here is journalled with the prompt and changes nothing else in the call.
 */
export function whisperer({ channel, ...deps }: Deps) {
  let voice: Whisper | undefined
  const close = () => {
    const open = voice
    voice = undefined
    open?.close().catch(() => {})
  }
  const own = channel.whisper()
  const player = promptPlayer({ ...deps, channel: own, heard: close, fault: close, refused: close })
  return {
    /** Whether a channel is the voice that speaks now. */
    speaksOn: (channel: string) => voice?.id === channel,
    /** @param after the prompt begins once this is settled */
    speak(language: Language, prompt: string, after: Promise<unknown>) {
      voice = own
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
