import { setTimeout as sleep } from 'node:timers/promises'
import { type Lab, startLab } from '../../../lab/lab.js'
import { pollUntil } from '../../../lab/process/start-process.js'
import { openDatabase, sql } from '../../../src/db/database.js'
import { type Benchmark, figure, figureAtLeast, type Result } from '../support/benchmark.js'
import { processorTime } from '../support/processor-time.js'
import type { Page } from './addresses.js'
import { FILLED_MS, keepLinesBusy } from './busy-lines.js'
import { fillJournal } from './fill-journal.js'
import { findConsole } from './find-console.js'
import { measurePage } from './measure-page.js'
import { pagesOf } from './pages.js'
import { openViewers } from './viewers.js'
import { signInOften, type Visitor } from './visitors.js'

/** Number of calls in the database. */
const CALLS = 1_000_000
/** Sessions: each may send 600 requests a minute. */
const SESSIONS = 60
/** People who watch at the same time, and for how long, ms. */
const VIEWERS = 50
const WATCH_MS = { quick: 60_000, full: 300_000 }
/** Fewest events that each of them must get in a second, so that the figure is one of a page that lives. */
const EVENTS_A_SECOND = 0.5
/** Bounds: server's time, ms; bytes of the first visit without the font, and of the next; share of a processor. */
const REACH = { ms: 100, first: 100_000, next: 30_000, share: 2 }
/** Longest time until the log has taken all events in, ms. */
const LOG_LIMIT_MS = 600_000
const LOG_POLL_MS = 1_000

/**
 * The console with a million calls in the database: how long each page takes on the server, how many bytes it is, and what people cost
 * who watch what goes on.
 */
export const benchmark: Benchmark = async ({ full, tell }) => {
  const lab = await startLab({ console: true, seeded: true, progress: tell })
  try {
    const visitors = await signInOften(lab, SESSIONS)
    const pages = await pagesOf(lab, visitors[0]!)
    tell(`making ${CALLS} calls`)
    await fillJournal(lab, CALLS)
    tell('waiting for the log')
    await waitForLog(lab)
    const measured = await measurePages(lab, pages, visitors, tell)
    return [
      ...measured,
      ...(await measureViewers(lab, visitors, full ? WATCH_MS.full : WATCH_MS.quick, tell)),
    ]
  } finally {
    await lab.stop()
  }
}

async function measurePages(
  lab: Lab,
  pages: Page[],
  visitors: Visitor[],
  tell: (line: string) => void,
): Promise<Result[]> {
  const results: Result[] = []
  for (const page of pages) {
    const found = await measurePage(lab.ready.console!, page, visitors)
    if (!found) continue
    const { p50, p95, p99, whole, page: bytes } = found
    tell(`${page.route}: ${[p50, p95, p99].map(ms => ms.toFixed(1)).join(', ')} ms; ${whole}, ${bytes} bytes`)
    const of = (measure: string) => `${page.route}: ${measure}`
    results.push(
      figure({ measure: of('p50'), value: p50, unit: 'ms' }),
      figure({ measure: of('p95'), value: p95, unit: 'ms' }, REACH.ms),
      figure({ measure: of('p99'), value: p99, unit: 'ms' }),
      figure({ measure: of('first visit'), value: whole / 1_000, unit: 'KB' }, REACH.first / 1_000),
      figure({ measure: of('next visit'), value: bytes / 1_000, unit: 'KB' }, REACH.next / 1_000),
    )
  }
  return results
}

async function measureViewers(
  lab: Lab,
  visitors: Visitor[],
  ms: number,
  tell: (line: string) => void,
): Promise<Result[]> {
  const pid = await findConsole(lab)
  const stop = await keepLinesBusy(lab.database.url)
  try {
    tell('calls come in')
    await sleep(FILLED_MS)
    const alone = await shareOf(pid, ms / 3)
    const viewers = await openViewers(lab.ready.console!, visitors, VIEWERS)
    await sleep(FILLED_MS / 10)
    tell(`${VIEWERS} people watch for ${ms / 1_000} s`)
    const before = [...viewers.events]
    const share = await shareOf(pid, ms)
    const seconds = ms / 1_000
    const got = viewers.events.map((count, i) => (count - before[i]!) / seconds)
    const { connected } = viewers
    viewers.close()
    return [
      figure({ measure: `${VIEWERS} viewers`, value: share, unit: '% of one processor' }, REACH.share),
      figure({ measure: 'the same without viewers', value: alone, unit: '% of one processor' }),
      figureAtLeast({ measure: 'viewers at the end', value: connected, unit: '' }, VIEWERS),
      figureAtLeast(
        { measure: 'events each got, at least', value: Math.min(...got), unit: '/s' },
        EVENTS_A_SECOND,
      ),
    ]
  } finally {
    await stop()
  }
}

/** The share of a processor that a process takes during a time, %. */
async function shareOf(pid: number, ms: number): Promise<number> {
  const [started, before] = [performance.now(), await processorTime(pid)]
  await sleep(ms)
  return (100 * ((await processorTime(pid)) - before)) / (performance.now() - started)
}

/** Waits until the log has taken in what the database was filled with, so that this work is not measured. */
async function waitForLog({ database }: Lab): Promise<void> {
  const db = openDatabase(database.url)
  const isDone = async () => {
    await sleep(LOG_POLL_MS)
    const { rows } = await sql<{ open: number }>`
      select (select max(id) from event) - coalesce(max(last_event), 0) as open from log_checkpoint`.execute(
      db,
    )
    return Number(rows[0]!.open) < 1_000
  }
  try {
    if (!(await pollUntil(isDone, LOG_LIMIT_MS))) throw new Error('the log did not take all events in')
  } finally {
    await db.close()
  }
}
