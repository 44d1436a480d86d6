import type { Whisper } from '../call/ports.js'
import { systemClock } from '../shared/clock.js'
import { AppError, codeOf } from '../shared/errors.js'
import type { ChannelId } from '../shared/ids.js'
import { retry } from '../shared/retry.js'

/** Suffix of a whisper channel's id, after the id of the channel that hears it. No PBX gives out ids that end so. */
const WHISPER_SUFFIX = '-whisper'
/** How long a new whisper channel may take until it can play, ms. It usually takes 2-5 ms. */
const READY_TIMEOUT_MS = 2_000
/** Wait between two attempts to play on a new whisper channel, ms. Short, because the caller waits for the sentence. */
const RETRY_INTERVAL_MS = 10

/** Whether a channel is a whisper channel of ours. */
export const isWhisperChannel = (channel: string): boolean => channel.endsWith(WHISPER_SUFFIX)

/** The channel that hears a playback: the channel itself, or of a whisper channel the one that it whispers to. */
export const heardBy = (channel: string): string =>
  isWhisperChannel(channel) ? channel.slice(0, -WHISPER_SUFFIX.length) : channel

type Send = (resource: string, operation: string, args: object) => Promise<void>

/**
 * Plays into the audio that a channel hears, through a snoop channel that does not spy. Its id is fixed, so that it can be opened
 * only once. Unlike `play` on the channel itself, this works while the channel is in the dialplan. It works only while the PBX
 * sends audio to the channel, which may be silence.
 */
export function createAriWhisper(channel: ChannelId, app: string, send: Send): Whisper {
  const whisperChannel = `${channel}${WHISPER_SUFFIX}` as ChannelId
  /** The PBX refuses to open it once more. */
  let isOpen = false
  const snoop = () =>
    send('channels', 'snoopChannelWithId', {
      ...{ channelId: channel, snoopId: whisperChannel, spy: 'none', whisper: 'out', app },
    })
  const hangup = () => send('channels', 'hangup', { channelId: whisperChannel })
  async function open(end: number): Promise<void> {
    try {
      await snoop()
    } catch (error) {
      if ((error as AppError).endsCall) throw error
      // A service that ended may have left it open, and it takes some ms to go.
      await hangup().catch(() => {})
      await retry(snoop, {
        ...{ clock: systemClock, waitsMs: [RETRY_INTERVAL_MS] },
        giveUp: error => (error as AppError).endsCall || performance.now() > end,
      })
    }
  }
  return {
    id: whisperChannel,
    async play(media, playbackId) {
      const end = performance.now() + READY_TIMEOUT_MS
      const order = { channelId: whisperChannel, playbackId, media: `sound:${media}` }
      const attempt = async () => {
        if (!isOpen) await open(end)
        isOpen = true
        try {
          await send('channels', 'playWithId', order)
        } catch (error) {
          if (codeOf(error) !== 'pbx.gone') throw error
          // It was the one of a service before, which has just ended.
          isOpen = false
          throw new AppError('pbx.conflict', 'the whisper channel has ended')
        }
      }
      await retry(attempt, {
        ...{ clock: systemClock, waitsMs: [RETRY_INTERVAL_MS] },
        // The whisper channel refuses orders until it has entered our application.
        giveUp: error => !isConflict(error) || performance.now() > end,
      })
    },
    stopPlaying: playbackId => send('playbacks', 'stop', { playbackId }),
    close() {
      isOpen = false
      return hangup()
    },
  }
}

const isConflict = (error: unknown): boolean => codeOf(error) === 'pbx.conflict'
