import { systemClock } from '../core/clock.js'
import { sleep } from '../lib/retry.js'
import type { Connection } from './connection.js'

/** Wait before connecting again, ms. Short, so that a change is seen within two seconds. */
const RETRY_MS = 1_000

/** A subscription to a NOTIFY channel, until `stop`. */
export interface Subscription {
  stop(): Promise<void>
}

/**
 * Listens on a connection of its own, and connects again when the connection is lost.
 *
 * @param channel a constant identifier, because it becomes part of the SQL text
 * @param onChange called on each notification and after each (re)connection, because notifications may have been missed
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
        // `stop` cuts the connection, which ends this wait too.
        await lost
      } catch {
        // The connection failed or was lost. The next round tries again.
      }
      await sleep(systemClock, RETRY_MS, stopping.signal)
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
