import type { CallChannel } from '../call/ports.js'
import { AppError, codeOf } from '../shared/errors.js'
import type { ChannelId } from '../shared/ids.js'
import { globalsOf, placeOf } from './outcome.js'
import type { AriTransport } from './transport/ari-transport.js'
import { isStasisOf, type ListedChannel, runningIn } from './whereabouts.js'
import { ariWhisper } from './whisper.js'

/**
 * One channel's orders over ARI.
 *
 * @param ari gives the present transport: a reconnect brings a new one
 * @param purposes names of all purposes that the dialplan was told of so far, on any channel
 */
export function ariChannel(
  channel: ChannelId,
  app: string,
  ari: () => AriTransport,
  purposes: Set<string>,
): CallChannel {
  const channelId = channel
  const order = async (resource: string, operation: string, args: object) => {
    await ari().request(resource, operation, args)
  }
  const variable = async (name: string) => {
    const told = await ari().request('channels', 'getChannelVar', { channelId, variable: name })
    return (told as { value?: unknown } | undefined)?.value
  }
  const watch = (channels: readonly ChannelId[]) =>
    order('applications', 'subscribe', {
      applicationName: app,
      eventSource: channels.map(one => `channel:${one}`).join(','),
    })
  const checkOurs = async () => {
    const told = await ari().request('channels', 'get', { channelId })
    const dialplan = await runningIn(told as ListedChannel, variable)
    if (!isStasisOf(dialplan, app))
      throw new AppError('pbx.conflict', 'the channel is not in our application')
  }
  return {
    id: channel,
    answer: () => order('channels', 'answer', { channelId }),
    play: (media, playbackId) =>
      order('channels', 'playWithId', { channelId, playbackId, media: `sound:${media}` }),
    stopPlaying: playbackId => order('playbacks', 'stop', { playbackId }),
    /**
     * The outcome travels in the extension of `consentry-decided` (asterisk/consentry.conf) and in global variables, not in
     * variables of the channel. Once ARI has set one of these, Asterisk 22.10 refuses STAT and its like to the rest of that
     * call's dialplan, so that a later yes could not be tapped.
     */
    async returnToDialplan(outcome, ended) {
      const globals = globalsOf(outcome, app, purposes)
      const made = globals.map(([name, value]) =>
        order('asterisk', 'setGlobalVar', { variable: name, value }),
      )
      if (outcome.tap) made.push(watch([channelId]))
      await Promise.all(made)
      ended.throwIfAborted()
      await order('channels', 'continueInDialplan', { channelId, ...placeOf(outcome) })
    },
    checkOurs,
    async returnUntouched() {
      await checkOurs()
      await order('channels', 'continueInDialplan', { channelId })
    },
    hangup: () => order('channels', 'hangup', { channelId }),
    whisper: () => ariWhisper(channel, app, order),
    async startedTap(tap) {
      try {
        return (await variable('CONSENTRY_TAP')) === tap
      } catch (error) {
        // Where it cannot be known, the pipes stay: cutting off a conversation is worse than an empty recording.
        return codeOf(error) !== 'pbx.gone'
      }
    },
    hearKeysOf: watch,
  }
}
