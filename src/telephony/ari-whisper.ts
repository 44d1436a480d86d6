import { setTimeout as sleep } from 'node:timers/promises'
import type { Whisper } from '../call/ports.js'
import { codeOf } from '../shared/errors.js'
import type { ChannelId } from '../shared/ids.js'

/** What is added to a channel's id for the voice that whispers to it; no PBX gives out ids that end so. */
const WHISPER_SUFFIX = '-whisper'
/** From the voice's making to its being ready to speak, ms; usually 2-5. */
const READY_TIMEOUT_MS = 2_000
const RETRY_INTERVAL_MS = 10

/** Whether a channel is a voice of ours, and no caller. */
export const isWhisperChannel = (channel: string): boolean => channel.endsWith(WHISPER_SUFFIX)

/** Whose ear a playback reaches: the channel's own, or that of the one it whispers to. */
export const heardBy = (channel: string): string =>
  isWhisperChannel(channel) ? channel.slice(0, -WHISPER_SUFFIX.length) : channel

type Send = (resource: string, operation: string, args: object) => Promise<void>

/**
 * Speaks into what a channel hears, through a snoop channel that spies on nothing. Its id is fixed, so that it can be
 * opened once only. Unlike playing on the channel itself this works while the channel is in the dialplan, and only
 * while something is sent to it at all, be it silence.
 */
export function createAriWhisper(channel: ChannelId, app: string, send: Send): Whisper {
  const whisperChannel = `${channel}${WHISPER_SUFFIX}` as ChannelId
  const open = () =>
    unlessConflict(
      send('channels', 'snoopChannelWithId', {
        channelId: channel,
        snoopId: whisperChannel,
        spy: 'none',
        whisper: 'out',
        app,
      }),
    )
  return {
    id: whisperChannel,
    async play(media, playbackId) {
      await open()
      const end = performance.now() + READY_TIMEOUT_MS
      // Until the voice has entered our application, it takes no orders.
      const tryToPlay = () =>
        unlessConflict(
          send('channels', 'playWithId', { channelId: whisperChannel, playbackId, media: `sound:${media}` }),
          performance.now() < end,
        )
      while (!(await tryToPlay())) await sleep(RETRY_INTERVAL_MS)
    },
    stopPlaying: playbackId => send('playbacks', 'stop', { playbackId }),
    close: () => send('channels', 'hangup', { channelId: whisperChannel }),
  }
}

/** Whether an order got through; false if it conflicts with how things stand, which the caller may tolerate. */
async function unlessConflict(ordered: Promise<void>, tolerated = true): Promise<boolean> {
  try {
    await ordered
    return true
  } catch (error) {
    if (tolerated && codeOf(error) === 'pbx.conflict') return false
    throw error
  }
}
