import type { Language } from '../shared/policy.js'
import type { CallChannel, Whisper } from './ports.js'
import { type PlayerDeps, promptPlayer } from './prompt-player.js'

type Deps = Omit<PlayerDeps, 'leg' | 'heard' | 'fault' | 'refused'> & { leg: CallChannel }

/**
 * Speaks to the caller alone while the channel is elsewhere: through a voice that is opened for one prompt and closed
 * after it. Whatever fails here is journalled with the prompt and changes nothing else in the call.
 */
export function whisperer({ leg, ...deps }: Deps) {
  let voice: Whisper | undefined
  const close = () => {
    const open = voice
    voice = undefined
    open?.close().catch(() => {})
  }
  const own = leg.whisper()
  const player = promptPlayer({ ...deps, leg: own, heard: close, fault: close, refused: close })
  return {
    /** Whether a channel is the voice that speaks now. */
    speaksOn: (channel: string) => voice?.channel === channel,
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
