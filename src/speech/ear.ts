import type { Ear } from '../core/ports.js'
import type { Log } from '../lib/log.js'
import type { Hearing } from './hearing.js'

export interface EarDeps {
  hearing: Pick<Hearing, 'open'>
  log: Log
  /**
   * Called before each event is passed on. Detects that this process stalled, after which the caller may no longer be
   * asked.
   */
  check?(): void
}

/** Hears callers: for each question, opens a port of the speech process and has the PBX send audio to it. */
export function createEar({ hearing, log, check }: EarDeps): Ear {
  return {
    async open(channel, terms, onEvent) {
      const heard = await hearing.open(terms, event => {
        check?.()
        if (event.event === 'speaking') return onEvent(event)
        if (event.event === 'heard') return onEvent({ ...event, event: 'spoken' })
        close()
        onEvent({ event: 'lost', reason: event.reason })
      })
      const feed = channel.feed(heard.host, heard.port)
      let closed = false
      const close = () => {
        if (closed) return
        closed = true
        heard.close()
        feed
          .close()
          .catch(() => log.warn({ channel: channel.id }, 'an ear could not be removed from the PBX yet'))
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
