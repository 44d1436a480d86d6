import { setTimeout as pause } from 'node:timers/promises'
import type { Connection } from './connection.js'

/** From a lost connection to the next try, ms: soon enough that a change is seen within a second or two. */
const RETRY_MS = 1_000

/** A standing subscription to a NOTIFY channel. */
export interface Subscription {
  stop(): Promise<void>
}

/**
 * Listens on a connection of its own, opened again whenever it is lost.
 *
 * @param channel a plain identifier of ours, never input
 * @param onChange called on every notification, and after each (re)connection, because something may have been missed
 */
export function listen(open: () => Promise<Connection>, channel: string, onChange: () => void): Subscription {
  const stopping = new AbortController()
  let connection: Connection | undefined

  const run = async () => {
    while (!stopping.signal.aborted) {
      try {
        const opened = await open()
        connection = opened
        if (stopping.signal.aborted) opened.cut()
        const lost = new Promise<void>(resolve => opened.onLost(resolve))
        opened.onNotification(onChange)
        await opened.query(`listen ${channel}`)
        if (stopping.signal.aborted) break
        onChange()
        await Promise.race([lost, aborted(stopping.signal)])
      } catch {
        // Not there yet, or gone between two lines: the next round tries again.
      }
      await pause(RETRY_MS, undefined, { signal: stopping.signal }).catch(() => undefined)
    }
  }
  const running = run()

  return {
    async stop() {
      stopping.abort()
      connection?.cut()
      await running
    },
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise(resolve => signal.addEventListener('abort', () => resolve(), { once: true }))
