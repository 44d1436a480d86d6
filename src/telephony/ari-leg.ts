import { basename, dirname } from 'node:path'
import type { Client } from 'ari-client'
import type { CallLeg, Outcome } from '../call/ports.js'
import { AppError, codeOf } from '../shared/errors.js'
import type { ChannelId } from '../shared/ids.js'
import { rest } from './ari-rest.js'
import { isStasisOf, type ListedChannel, runningIn } from './whereabouts.js'
import { ariWhisper } from './whisper.js'

/** One channel's orders over ARI. `client` is asked for anew each time, since a reconnect may bring a new one. */
export function ariLeg(channel: ChannelId, app: string, client: () => Client): CallLeg {
  const channelId = channel
  const order = async (resource: string, operation: string, args: object) => {
    await rest(client(), resource, operation, args)
  }
  const variable = async (name: string) => {
    const told = await rest(client(), 'channels', 'getChannelVar', { channelId, variable: name })
    return (told as { value?: unknown } | undefined)?.value
  }
  const checkOurs = async () => {
    const told = await rest(client(), 'channels', 'get', { channelId })
    const dialplan = await runningIn(told as ListedChannel, variable)
    if (!isStasisOf(dialplan, app))
      throw new AppError('pbx.conflict', 'the channel is not in our application')
  }
  return {
    channel,
    answer: () => order('channels', 'answer', { channelId }),
    play: (media, playbackId) =>
      order('channels', 'playWithId', { channelId, playbackId, media: `sound:${media}` }),
    stopPlaying: playbackId => order('playbacks', 'stop', { playbackId }),
    /**
     * What was decided travels in the extension of `consentry-decided` (asterisk/consentry.conf), and not in variables:
     * from the first one that ARI sets on a channel, Asterisk 22.10 refuses STAT and its like to the rest of that
     * call's dialplan. Only a transfer's target, too long for an extension, is set so, on calls that are not recorded.
     */
    async giveBack(outcome, ended) {
      const { tap, target } = outcome
      if (target) {
        await order('channels', 'setChannelVar', { channelId, variable: 'CONSENTRY_TARGET', value: target })
      }
      if (tap) {
        const watched = order('applications', 'subscribe', {
          applicationName: app,
          eventSource: `channel:${channelId}`,
        })
        const folder = { variable: `CONSENTRY_TAP_DIR_${app}`, value: dirname(tap) }
        await Promise.all([watched, order('asterisk', 'setGlobalVar', folder)])
      }
      ended.throwIfAborted()
      await order('channels', 'continueInDialplan', { channelId, ...placeOf(outcome) })
    },
    checkOurs,
    async sendOn() {
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
    hearKeysOf: peers =>
      order('applications', 'subscribe', {
        applicationName: app,
        eventSource: peers.map(peer => `channel:${peer}`).join(','),
      }),
  }
}

/** Where consentry.conf takes up a call with this outcome. */
const placeOf = ({ call, decision, tap }: Outcome) => ({
  context: 'consentry-decided',
  extension: [decision, call, ...(tap ? [basename(tap)] : [])].join('_'),
  priority: 1,
})
