import { join } from 'node:path'
import { type CallEvent, event } from '../../../src/core/events.js'
import { newCallId } from '../../../src/core/ids.js'
import { connect } from '../../../src/db/connection.js'
import { openDatabase } from '../../../src/db/database.js'
import type { EmbeddedServer } from '../../../src/db/embedded.js'
import { startJournal } from '../../../src/journal/journal.js'
import { startLog } from '../../../src/log/start-log.js'
import { verifyLog } from '../../../src/log/verify/verify-log.js'
import { recordedCall } from '../../support/data/call-events.js'
import { log, withBenchDatabase } from '../support/bench-database.js'
import { atLeast, type Benchmark, comparison, figure, type Result } from '../support/benchmark.js'
import { median } from '../support/statistics.js'
import { insertBare, makeCopies } from './bare-insert.js'
import { fillEvents } from './fill-events.js'

/** Rounds in which journal and bare insert take turns. */
const ROUNDS = { quick: 9, full: 60 }
/** Complete calls are written in one of so many rounds, only for information. */
const CALLS_EVERY = 3
/** Events in a round. */
const EVENTS = 10_000
/** Events of one append, appends in flight, and the time limit of an append, ms. */
const APPEND_EVENTS = 100
const APPENDS_IN_FLIGHT = 15
const APPEND_LIMIT_MS = 60_000
const SHA256 = '5f'.repeat(32)
/** Number of events that are verified. */
const VERIFIED = 1_000_000
/** Interval at which the log's progress is read, ms. */
const POLL_MS = 20

/**
 * How fast the journal is compared with the bare database, and how long the verification of a million events takes. The journal
 * also updates the transparency log and the tables about calls.
 */
export const benchmark: Benchmark = async ({ full, tell }) => [
  ...(await withBenchDatabase(({ server, dir }) => measureWriting(server, dir, full, tell))),
  ...(await withBenchDatabase(({ server, dir }) => measureVerifying(server, dir, tell))),
]

const startLogIn = (dir: string, url: string) =>
  startLog({ dir: join(dir, 'log'), keyFile: join(dir, 'log.key'), origin: 'bench.example/log' }, url, log)

async function measureWriting(
  server: EmbeddedServer,
  dir: string,
  full: boolean,
  tell: (line: string) => void,
) {
  await makeCopies(server.adminUrl)
  const bare = await connect(server.url, 'bench')
  const journal = startJournal(server.url, log)
  const tlog = startLogIn(dir, server.url)
  const rounds = full ? ROUNDS.full : ROUNDS.quick
  const found = { alone: [] as Round[], calls: [] as Round[] }
  for (let round = 0; round <= rounds; round++) {
    for (const [kind, make] of [
      ['alone', someEvents],
      ['calls', someCalls],
    ] as const) {
      if (kind === 'calls' && round % CALLS_EVERY !== 0) continue
      const inJournal = await timeJournal(journal, make())
      const lateMs = await timeUntilLogged(tlog, journal.counts.committed)
      const inBare = await insertBare(bare, make())
      // The first round warms up.
      if (round > 0) found[kind].push({ journal: inJournal, bare: inBare, lateMs })
    }
    tell(`round ${round} of ${rounds}`)
  }
  await journal.stop()
  await tlog.stop()
  await bare.close()
  return results(found)
}

interface Round {
  /** Events a second. */
  journal: number
  bare: number
  lateMs: number
}

function results({ alone, calls }: { alone: Round[]; calls: Round[] }): Result[] {
  const rate = (measure: string, rounds: Round[]) => ({
    measure,
    value: median(rounds.map(one => one.journal)),
    unit: 'events/s',
    baseline: median(rounds.map(one => one.bare)),
    ratio: median(rounds.map(one => one.journal / one.bare)),
  })
  const late = Math.max(...[...alone, ...calls].map(one => one.lateMs))
  return [
    atLeast(rate('durable events a second', alone), 0.8),
    comparison(rate('the same of whole calls, with the tables about calls', calls)),
    figure({ measure: 'last commit → in the log, under this load', value: late, unit: 'ms' }),
  ]
}

/** Events that change no table about calls, so that the journal writes the same rows as the bare insert. */
function someEvents(): CallEvent[] {
  const prompt = { role: 'disclosure', prompt: 'disclosure-key', version: 1, end: 'complete' } as const
  const text = 'This call may be recorded for service quality. Press 1 to agree, 2 to refuse.'
  return Array.from({ length: EVENTS }, (_, i) => {
    const [call, at] = [newCallId(), Date.now()]
    if (i % 8 === 0) return event('call.unknown-line', call, at, {}, { dialled: `+7900${i}` })
    const heard = { text, sha256: SHA256, heardMs: i % 9_000, lengthMs: 9_000 }
    return event('prompt.ended', call, at, { ...prompt, ...heard })
  })
}

/** Events of complete recorded calls, one call after another. */
function someCalls(): CallEvent[] {
  const events: CallEvent[] = []
  while (events.length < EVENTS) events.push(...recordedCall().events)
  return events.slice(0, EVENTS)
}

/** Appends events as fast as the journal commits them, with some appends in flight. @returns events a second */
async function timeJournal(journal: ReturnType<typeof startJournal>, events: CallEvent[]): Promise<number> {
  const started = performance.now()
  const under: Promise<void>[] = []
  for (let i = 0; i < events.length; i += APPEND_EVENTS) {
    under.push(journal.append(events.slice(i, i + APPEND_EVENTS), APPEND_LIMIT_MS))
    if (under.length > APPENDS_IN_FLIGHT) await under.shift()
  }
  await Promise.all(under)
  return events.length / ((performance.now() - started) / 1_000)
}

async function timeUntilLogged(tlog: ReturnType<typeof startLogIn>, events: number): Promise<number> {
  const started = performance.now()
  while (tlog.state.size < events) await new Promise(resolve => setTimeout(resolve, POLL_MS))
  return performance.now() - started
}

async function measureVerifying(
  server: EmbeddedServer,
  dir: string,
  tell: (line: string) => void,
): Promise<Result[]> {
  tell(`making ${VERIFIED} events`)
  await fillEvents(server.adminUrl, VERIFIED)
  const tlog = startLogIn(dir, server.url)
  const sequenced = await timeUntilLogged(tlog, VERIFIED)
  await tlog.stop()
  tell(`the events are in the log after ${Math.round(sequenced / 1_000)} s`)
  const db = openDatabase(server.url)
  const started = performance.now()
  const { checked, faults } = await verifyLog({ db, dir: join(dir, 'log') })
  const seconds = (performance.now() - started) / 1_000
  await db.close()
  const unverified = VERIFIED - checked.events + faults.length
  return [
    figure({ measure: 'verification of 1,000,000 events', value: seconds, unit: 's' }, 20),
    figure({ measure: 'events not verified, and faults', value: unverified, unit: '' }, 0),
    figure({ measure: 'events taken into the log', value: VERIFIED / (sequenced / 1_000), unit: 'events/s' }),
  ]
}
