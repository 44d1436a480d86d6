import { randomBytes } from 'node:crypto'
import type { Whisper } from '../call/ports.js'
import { systemClock } from '../core/clock.js'
import { AppError, codeOf } from '../core/errors.js'
import type { ChannelId } from '../core/ids.js'
import { retry } from '../lib/retry.js'

/** The id of a whisper channel: that of the channel that hears it, and digits of its own. No PBX gives out ids that end so. */
const WHISPER_CHANNEL = /^(.+)-whisper-[0-9a-f]{8}$/
/** How long a new whisper channel may take until it can play, ms. It usually takes 2-5 ms. */
const READY_TIMEOUT_MS = 2_000
/** Wait between two attempts to play on a new whisper channel, ms. Short, because the caller waits for the sentence. */
const RETRY_INTERVAL_MS = 10

/** Whether a channel is a whisper channel of ours. */
export const isWhisperChannel = (channel: string): boolean => WHISPER_CHANNEL.test(channel)

/** The channel that hears a playback: the channel itself, or of a whisper channel the one that it whispers to. */
export const heardBy = (channel: string): string => WHISPER_CHANNEL.exec(channel)?.[1] ?? channel

const newWhisperChannel = (channel: ChannelId) =>
  `${channel}-whisper-${randomBytes(4).toString('hex')}` as ChannelId

type Send = (resource: string, operation: string, args: object) => Promise<void>

/**
 * Plays into the audio that a channel hears, through a snoop channel that does not spy. Unlike `play` on the channel itself, this works
 * while the channel is in the dialplan. It works only while the PBX sends audio to the channel, which may be silence.
 *
 * Each whisper channel has an id of its own. The PBX confirms a hangup some ms before the channel is gone, and then reports nothing more
 * about its id. It would not report the end of a prompt on a newer channel of the same id.
 */
export function createAriWhisper(channel: ChannelId, app: string, send: Send): Whisper {
  let id = newWhisperChannel(channel)
  /** Resolves when the PBX has made the channel; undefined if no channel was requested. */
  let made: Promise<void> | undefined
  let closing = new AbortController()
  function renew() {
    id = newWhisperChannel(channel)
    made = undefined
  }
  const snoop = (snoopId: ChannelId) =>
    send('channels', 'snoopChannelWithId', {
      ...{ channelId: channel, snoopId, spy: 'none', whisper: 'out', app },
    })
  async function playOnce(media: string, playbackId: string): Promise<void> {
    const channelId = id
    const renewThis = () => {
      if (id === channelId) renew()
    }
    try {
      made ??= snoop(channelId)
      await made
    } catch (error) {
      renewThis()
      throw error
    }
    try {
      await send('channels', 'playWithId', { channelId, playbackId, media: `sound:${media}` })
    } catch (error) {
      if (codeOf(error) !== 'pbx.gone') throw error
      // The whisper channel was hung up from outside.
      renewThis()
      throw new AppError('pbx.conflict', 'the whisper channel has ended')
    }
  }
  return {
    get id() {
      return id
    },
    async play(media, playbackId) {
      const end = performance.now() + READY_TIMEOUT_MS
      const { signal } = closing
      await retry(() => playOnce(media, playbackId), {
        ...{ clock: systemClock, waitsMs: [RETRY_INTERVAL_MS], signal },
        // The whisper channel refuses orders until it has entered our application.
        giveUp: error => !isConflict(error) || performance.now() > end,
      })
    },
    stopPlaying: playbackId => send('playbacks', 'stop', { playbackId }),
    async close() {
      const [channelId, opening] = [id, made]
      closing.abort()
      closing = new AbortController()
      renew()
      if (!opening) return
      // The PBX cannot hang up a channel that it has not made yet.
      await opening.catch(() => undefined)
      await send('channels', 'hangup', { channelId })
    },
  }
}

const isConflict = (error: unknown): boolean => codeOf(error) === 'pbx.conflict'
