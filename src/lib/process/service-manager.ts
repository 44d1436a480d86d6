import { execFile } from 'node:child_process'
import type { Log } from '../log.js'
import { USUAL_PATH } from './child-env.js'

/**
 * How often the watchdog is fed within its timeout. Twice is usual (sd_watchdog_enabled(3)); a third time tolerates a
 * late one.
 */
const FEEDS = 3
/** How long `systemd-notify` may take, ms. It usually takes 10 ms. */
const NOTIFY_TIMEOUT = 5_000

/** The manager that runs this process: systemd, or another one that listens at NOTIFY_SOCKET (sd_notify(3)). */
export interface ServiceManager {
  /** Reports that the service is ready. @param status its present work, in words */
  ready(status: string): void
  /** Reports the service's present work, in words. */
  status(status: string): void
  /** Reports that the service stops. */
  stopping(): void
  /**
   * Feeds the watchdog as long as the service works. Without it, systemd kills and restarts the service after `WatchdogSec`.
   *
   * @param works resolves to whether the service works, and never rejects. While it is pending, the watchdog gets nothing.
   */
  feedWatchdogWhile(works: () => Promise<boolean>): { stop(): void }
}

/** Reports states to the manager at a socket. @throws Error if it cannot */
type Notify = (socket: string, states: readonly string[]) => Promise<void>

/** Node has no datagrams of Unix sockets, so a program sends them. The unit needs `NotifyAccess=all` for it. */
const bySystemdNotify: Notify = (socket, states) =>
  new Promise((resolve, reject) => {
    const options = { env: { PATH: USUAL_PATH, NOTIFY_SOCKET: socket }, timeout: NOTIFY_TIMEOUT }
    execFile('systemd-notify', states, options, error => (error ? reject(error) : resolve()))
  })

/**
 * Finds the manager of this process. Without one, reports are dropped.
 *
 * @param env the environment, before the settings are removed from it
 */
export function serviceManager(
  env: Readonly<Record<string, string | undefined>>,
  notify: Notify = bySystemdNotify,
): (log: Log) => ServiceManager {
  const { NOTIFY_SOCKET: socket, WATCHDOG_USEC: watchdog } = env
  const feedMs = Number(watchdog) / 1_000 / FEEDS
  return log => {
    let failing = false
    const tell = async (...states: string[]): Promise<void> => {
      if (!socket) return
      try {
        await notify(socket, states)
        failing = false
      } catch (error) {
        const reason = (error as Error).message
        if (!failing)
          log.error({ reason }, 'the service manager cannot be notified: it may restart the service')
        failing = true
      }
    }
    return {
      ready: status => void tell('READY=1', `STATUS=${status}`),
      status: status => void tell(`STATUS=${status}`),
      stopping: () => void tell('STOPPING=1'),
      feedWatchdogWhile(works) {
        if (!socket || !(feedMs > 0)) return { stop() {} }
        let asking = false
        const timer = setInterval(async () => {
          if (asking) return
          asking = true
          if (await works()) await tell('WATCHDOG=1')
          asking = false
        }, feedMs)
        return { stop: () => clearInterval(timer) }
      },
    }
  }
}
