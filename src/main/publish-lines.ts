import { codeOf } from '../core/errors.js'
import type { Database } from '../db/database.js'
import { waitAtMost } from '../lib/deadline.js'
import { type PublishDueDeps, publishDue } from '../lines/drafts/publish-due.js'

/** Longest time between two checks for scheduled drafts, ms, in case a notification was missed or an attempt failed. */
const POLL_MS = 10_000
/** Time until the next check while a due draft could not be published, ms. */
const RETRY_MS = 1_000
/** How long a publication may take to end when the service stops, ms. */
const STOP_MS = 2_000

/** The publication of lines at their times, until `stop`. */
export interface LinePublisher {
  /** Stops it. Resolves when a running publication has ended, after 2 s at the latest. */
  stop(): Promise<void>
}

/**
 * Publishes scheduled drafts of lines at their times. It waits for the next time, and checks again when a draft
 * changes. Drafts that became due while no service ran are published at once.
 *
 * @param deps its clock is the service's, which leaves out jumps of the machine's clock
 */
export function startLinePublisher(deps: PublishDueDeps & { db: Database }): LinePublisher {
  const { db, clock, log } = deps
  let stopped = false
  let cancelWait = () => {}
  let checking: Promise<void> | undefined
  let again = false

  const check = (): void => {
    if (stopped) return
    again = checking !== undefined
    checking ??= checkOnce().finally(() => {
      checking = undefined
      if (again) check()
    })
  }

  async function checkOnce(): Promise<void> {
    cancelWait()
    let next: number | undefined
    try {
      next = await publishDue(deps)
    } catch (error) {
      log.warn({ code: codeOf(error) }, 'scheduled drafts could not be read; the next check tries again')
    }
    if (stopped) return
    const left = next === undefined ? POLL_MS : next - clock.now()
    cancelWait = clock.after(left > 0 ? Math.min(left, POLL_MS) : RETRY_MS, check)
  }

  const listener = db.listen('line_draft_changed', check)
  check()
  return {
    async stop() {
      stopped = true
      cancelWait()
      await listener.stop()
      if (checking) await waitAtMost(clock, STOP_MS, checking)
    },
  }
}
