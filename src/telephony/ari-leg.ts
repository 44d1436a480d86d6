import { basename, dirname } from 'node:path'
import type { Client } from 'ari-client'
import type { CallLeg } from '../call/ports.js'
import type { ChannelId } from '../shared/ids.js'
import { rest } from './ari-rest.js'

/** One channel's orders over ARI. `client` is asked for anew each time, since a reconnect may bring a new one. */
export function ariLeg(channel: ChannelId, app: string, client: () => Client): CallLeg {
  const channelId = channel
  const order = async (resource: string, operation: string, args: object) => {
    await rest(client(), resource, operation, args)
  }
  /** What is to stand on the channel once it is back in the dialplan. */
  let variables: Record<string, string> = {}
  return {
    channel,
    answer: () => order('channels', 'answer', { channelId }),
    play: (media, playbackId) =>
      order('channels', 'playWithId', { channelId, playbackId, media: `sound:${media}` }),
    stopPlaying: playbackId => order('playbacks', 'stop', { playbackId }),
    /**
     * Kept until the channel leaves: consentry.conf sets them from the extension it is sent to, because a channel on
     * which ARI has set a variable may no longer use STAT and its like in the dialplan (Asterisk 22.10). Only a
     * transfer's target, too long for an extension, is set over ARI, on calls that are not recorded.
     */
    async setVariables(wanted) {
      variables = wanted
      const { CONSENTRY_TARGET: value, CONSENTRY_TAP: tap } = wanted
      if (value) await order('channels', 'setChannelVar', { channelId, variable: 'CONSENTRY_TARGET', value })
      if (tap) {
        await order('asterisk', 'setGlobalVar', { variable: `CONSENTRY_TAP_DIR_${app}`, value: dirname(tap) })
      }
    },
    keepWatching: () =>
      order('applications', 'subscribe', { applicationName: app, eventSource: `channel:${channelId}` }),
    continueInDialplan: () => order('channels', 'continueInDialplan', { channelId, ...decided(variables) }),
    hangup: () => order('channels', 'hangup', { channelId }),
  }
}

/** Where consentry.conf expects a call with these variables; nowhere in particular without them. */
function decided({
  CONSENTRY_CALL: call,
  CONSENTRY_DECISION: decision,
  CONSENTRY_TAP: tap,
}: Record<string, string>) {
  if (!call || !decision) return {}
  const extension = [decision, call, ...(tap ? [basename(tap)] : [])].join('_')
  return { context: 'consentry-decided', extension, priority: 1 }
}
