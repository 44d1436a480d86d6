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
  return {
    channel,
    answer: () => order('channels', 'answer', { channelId }),
    play: (media, playbackId) =>
      order('channels', 'playWithId', { channelId, playbackId, media: `sound:${media}` }),
    stopPlaying: playbackId => order('playbacks', 'stop', { playbackId }),
    async setVariables(variables) {
      const set = ([variable, value]: [string, string]) =>
        order('channels', 'setChannelVar', { channelId, variable, value })
      await Promise.all(Object.entries(variables).map(set))
    },
    keepWatching: () =>
      order('applications', 'subscribe', { applicationName: app, eventSource: `channel:${channelId}` }),
    continueInDialplan: () => order('channels', 'continueInDialplan', { channelId }),
    hangup: () => order('channels', 'hangup', { channelId }),
  }
}
