import { systemClock } from '../../core/clock.js'
import type { ServiceReport, StorePlace } from '../../core/service-report.js'
import { withDeadline } from '../../lib/deadline.js'
import type { MonitoredParts } from './monitored-parts.js'

/** Longest wait for a store, ms. A hanging disk counts as one that does not answer. */
const ANSWER_MS = 1_000

/** The sources of a report. */
export interface ReportedParts extends Pick<MonitoredParts, 'purposes' | 'store' | 'keyStore' | 'recorder'> {
  calls: Pick<MonitoredParts['calls'], 'size'>
  journal: Pick<MonitoredParts['journal'], 'waiting'>
  /** `size`: number of its events. */
  journalLog: { readonly state: MonitoredParts['journalLog']['state'] & { readonly size: number } }
}

/** Makes this service's report. Facts of a disk that does not answer in time are left out. */
export async function reportOf(parts: ReportedParts, version: string): Promise<Omit<ServiceReport, 'sides'>> {
  const { purposes, recorder, calls, journal, journalLog } = parts
  const { size, stopped, behindMs } = journalLog.state
  const startedAt = new Date(Date.now() - process.uptime() * 1_000).toISOString()
  return {
    ...{ pid: process.pid, version, startedAt, calls: calls.size, waiting: journal.waiting },
    keeper: { running: recorder.keeperPid !== undefined, heldBytes: recorder.keeperHeldBytes },
    log: { size, stopped: stopped !== undefined, behindMs },
    places: await Promise.all(purposes.map(purpose => placesOf(parts, purpose))),
  }
}

async function placesOf({ store, keyStore }: ReportedParts, purpose: string): Promise<StorePlace> {
  const answered = <T>(work: Promise<T>) =>
    withDeadline(work, { clock: systemClock, ms: ANSWER_MS, error: () => new Error('no answer') })
  const works = (work: Promise<void>) =>
    answered(work).then(
      () => true,
      () => false,
    )
  const [room, writable, keysWritable] = await Promise.all([
    answered(store.room(purpose)).catch(() => undefined),
    works(store.checkWritable(purpose)),
    works(keyStore.checkWritable(purpose)),
  ])
  return { purpose, writable, keysWritable, free: room?.free ?? null, size: room?.size ?? null }
}
