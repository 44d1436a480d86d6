import type { ChannelId } from '../shared/ids.js'
import type { Log } from '../shared/log.js'
import type { AudioFeed, Ear } from '../shared/ports.js'
import type { Hearing as Hearings } from './hearing.js'

export interface EarDeps {
  /** What hears. Undefined while it is not started; the caller then answers by key. */
  hearing(): Hearings
  /** Makes the feed of a channel to `host:port`. */
  feedOf(channel: ChannelId, host: string, port: number): AudioFeed
  log: Log
}

/** Hears the callers of a PBX: for each question a port of the speech process, and a feed of the PBX to it. */
export function createEar({ hearing, feedOf, log }: EarDeps): Ear {
  return {
    async open(channel, terms, onEvent) {
      const heard = await hearing().open(terms, event => {
        if (event.event === 'heard') return onEvent({ event: 'spoken', answer: event.answer })
        close()
        onEvent({ event: 'lost', reason: event.reason })
      })
      const feed = feedOf(channel, heard.host, heard.port)
      let closed = false
      const close = () => {
        if (closed) return
        closed = true
        heard.close()
        feed.close().catch(() => log.warn({ channel }, 'an ear could not be removed from the PBX yet'))
      }
      try {
        await feed.open(heard.announce)
      } catch (error) {
        close()
        throw error
      }
      return { promptEnded: heard.promptEnded, close }
    },
  }
}
