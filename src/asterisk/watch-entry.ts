import { systemClock } from '../core/clock.js'
import { AppError } from '../core/errors.js'
import { withDeadline } from '../lib/deadline.js'
import type { AriTransport } from './transport/ari-transport.js'

/** How long a channel of our own may take to enter an application, ms. It takes 20 ms. */
const ENTRY_MS = 5_000

/** An ARI application that is open, for one channel. */
export interface WatchedEntry {
  /** Resolves when the channel has entered. @throws AppError `pbx.timeout` after five seconds */
  entered(): Promise<void>
  /** Closes the application. */
  close(): void
}

/**
 * Opens an ARI application, and waits for a channel of our own to enter it.
 *
 * @param app an application that no other process uses
 * @param channel the channel's id
 * @throws AppError `pbx.*`
 */
export async function watchEntry(ari: AriTransport, app: string, channel: string): Promise<WatchedEntry> {
  let enter = () => {}
  const inApp = new Promise<void>(resolve => {
    enter = resolve
  })
  const close = await ari.listen(app, {
    event({ type, channel: entered }) {
      if (type === 'StasisStart' && (entered as { id?: unknown } | undefined)?.id === channel) enter()
    },
    garbled() {},
    closed() {},
  })
  const error = () => new AppError('pbx.timeout', 'a channel of a probe did not come', { retryable: true })
  return { close, entered: () => withDeadline(inApp, { clock: systemClock, ms: ENTRY_MS, error }) }
}
