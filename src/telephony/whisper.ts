import { setTimeout as pause } from 'node:timers/promises'
import type { Whisper } from '../call/ports.js'
import { codeOf } from '../shared/errors.js'
import type { ChannelId } from '../shared/ids.js'

/** What is added to a channel's id for the voice that whispers to it; no PBX gives out ids that end so. */
const SUFFIX = '-whisper'
/** From the voice's making to its being ready to speak, ms; usually 2-5. */
const READY_MS = 2_000
const LOOK_MS = 10

/** Whether a channel is a voice of ours, and no caller. */
export const isVoice = (channel: string): boolean => channel.endsWith(SUFFIX)

/** Whose ear a playback reaches: the channel's own, or that of the one it whispers to. */
export const whisperedTo = (channel: string): string =>
  isVoice(channel) ? channel.slice(0, -SUFFIX.length) : channel

type Order = (resource: string, operation: string, args: object) => Promise<void>

/**
 * Speaks into what a channel hears, through a snoop channel that spies on nothing. Its id is fixed, so that it can be
 * opened once only. Unlike playing on the channel itself this works while the channel is in the dialplan, and only
 * while something is sent to it at all, be it silence.
 */
export function ariWhisper(channel: ChannelId, app: string, order: Order): Whisper {
  const voice = `${channel}${SUFFIX}` as ChannelId
  const open = () =>
    unlessConflict(
      order('channels', 'snoopChannelWithId', {
        channelId: channel,
        snoopId: voice,
        spy: 'none',
        whisper: 'out',
        app,
      }),
    )
  return {
    id: voice,
    async play(media, playbackId) {
      await open()
      const end = performance.now() + READY_MS
      // Until the voice has entered our application, it takes no orders.
      const say = () =>
        unlessConflict(
          order('channels', 'playWithId', { channelId: voice, playbackId, media: `sound:${media}` }),
          performance.now() < end,
        )
      while (!(await say())) await pause(LOOK_MS)
    },
    stopPlaying: playbackId => order('playbacks', 'stop', { playbackId }),
    close: () => order('channels', 'hangup', { channelId: voice }),
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
