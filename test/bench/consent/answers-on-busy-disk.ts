import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { COMMIT_TIMEOUT_MS, createCallAnswers } from '../../../src/call/run/commit-answer.js'
import { event } from '../../../src/core/events.js'
import { newCallId } from '../../../src/core/ids.js'
import { type Journal, startJournal } from '../../../src/journal/journal.js'
import { Spool } from '../../../src/journal/spool/spool.js'
import { startLog } from '../../../src/log/start-log.js'
import { recordedCall, started } from '../../support/data/call-events.js'
import { log, withBenchDatabase } from '../support/bench-database.js'
import { figure, figureAtLeast, type Result } from '../support/benchmark.js'
import { keepDiskBusy } from '../support/disk-load.js'
import { percentile } from '../support/statistics.js'

/** Number of answers, and the interval between calls, ms: 40 calls a second, as in a contact centre of 10,000 seats. */
const ANSWERS = { quick: 2_000, full: 10_000 }
const INTERVAL_MS = 25
/** Times within which answers should be committed, ms: the limit of the service, and half of it. */
const IN_TIME_MS = [COMMIT_TIMEOUT_MS / 2, COMMIT_TIMEOUT_MS]
/** From the question's events to the answer, ms. It varies from call to call, so that answers meet disk syncs at any phase. */
const THINK_MS = { from: 300, steps: 50, step: 20 }
/** Time limit of appends, ms. Longer than in service, to measure the whole distribution. */
const APPEND_LIMIT_MS = 30_000
/** How long the disk is busy before the first call, ms: until then its cache absorbs the writes. */
const WARM_UP_MS = 3_000
/** Interval of the bare syncs, ms, and bytes of each. */
const BARE_SYNC = { everyMs: 100, bytes: 8_192 }

/** How soon answers are committed while another process keeps the disk busy. Journal, log and database, without telephony. */
export const answersOnBusyDisk = (full: boolean, tell: (line: string) => void): Promise<Result[]> =>
  withBenchDatabase(async ({ server, dir }) => {
    const answers = full ? ANSWERS.full : ANSWERS.quick
    const journal = startJournal(server.url, log, await Spool.open(join(dir, 'spool'), log))
    const tlog = startLog(
      { dir: join(dir, 'log'), keyFile: join(dir, 'log.key'), origin: 'bench.example/log' },
      server.url,
      log,
    )
    await journal.idle()
    const stop = await keepDiskBusy(dir, answers * INTERVAL_MS + APPEND_LIMIT_MS)
    await pause(WARM_UP_MS)
    const bare = timeBareSyncs(join(dir, 'bare'))
    let syncs: number[] = []
    let load = { bytes: 0, syncs: 0 }
    const took = await giveAnswers(journal, answers, tell).finally(async () => {
      syncs = await bare()
      load = await stop()
    })
    tell(`another process wrote ${Math.round(load.bytes / 2 ** 20)} MB in ${load.syncs} syncs meanwhile`)
    await journal.stop()
    await tlog.stop()
    return results(took, syncs)
  })

function results(took: number[], bare: number[]): Result[] {
  const inTime = IN_TIME_MS.map(limit => {
    const value = took.filter(ms => ms <= limit).length / took.length
    return figureAtLeast(
      { measure: `busy disk: answers committed within ${limit} ms`, value, unit: `of ${took.length}` },
      0.999,
    )
  })
  const of = (measure: string, value: number) => figure({ measure, value, unit: 'ms' })
  return [
    ...inTime,
    of('busy disk: answer → committed, median', percentile(took, 0.5)),
    of('busy disk: answer → committed, p99', percentile(took, 0.99)),
    of('busy disk: answer → committed, p99.9', percentile(took, 0.999)),
    of('busy disk: answer → committed, longest', Math.max(...took)),
    of('busy disk: one bare sync of 8 KB, median', percentile(bare, 0.5)),
    of('busy disk: one bare sync of 8 KB, p99', percentile(bare, 0.99)),
    of('busy disk: one bare sync of 8 KB, longest', Math.max(...bare)),
  ]
}

/** Journals all events of recorded calls, one call after another. @returns how long each answer took, ms */
async function giveAnswers(
  journal: Journal,
  answers: number,
  tell: (line: string) => void,
): Promise<number[]> {
  const took: number[] = []
  const calls: Promise<void>[] = []
  for (let turn = 0; turn < answers; turn++) {
    calls.push(
      giveAnswer(journal, THINK_MS.from + (turn % THINK_MS.steps) * THINK_MS.step).then(
        ms => void took.push(ms),
      ),
    )
    await pause(INTERVAL_MS)
    if ((turn + 1) % 500 === 0) tell(`${turn + 1} of ${answers} answers`)
  }
  await Promise.all(calls)
  return took
}

async function giveAnswer(journal: Journal, thinksMs: number): Promise<number> {
  const { call, events } = recordedCall(newCallId())
  const [, ...later] = events.filter(
    ({ type }) => !type.startsWith('consent.') && !type.startsWith('recording.'),
  )
  journal.note(started(call), event('call.answered', call, Date.now(), { line: '100', policy: 1 }))
  await pause(thinksMs)
  journal.note(event('consent.asked', call, Date.now(), { purpose: 'service', attempt: 1 }))
  const sink = {
    append: (given: Parameters<Journal['append']>[0]) => journal.append(given, APPEND_LIMIT_MS),
    note: (...given: Parameters<Journal['note']>) => journal.note(...given),
  }
  const begun = performance.now()
  await createCallAnswers(sink).commit({
    call,
    purposes: [{ purpose: 'service', legalBasis: 'consent', retentionDays: 30 } as never],
    answer: 'granted',
    method: 'key',
    at: Date.now(),
    afterMs: thinksMs,
    digit: '1',
    terms: { keys: '*9', onWithdraw: 'destroy', language: 'en' },
  })
  const ms = performance.now() - begun
  journal.note(...later)
  return ms
}

/** Writes and syncs a small file again and again. @returns ends it, and returns how long each sync took, ms */
function timeBareSyncs(path: string): () => Promise<number[]> {
  const took: number[] = []
  let stopped = false
  const run = async () => {
    const file = await open(path, 'w', 0o600)
    const block = Buffer.alloc(BARE_SYNC.bytes, 0x5a)
    while (!stopped) {
      const begun = performance.now()
      await file.write(block, 0, block.length, 0)
      await file.datasync()
      took.push(performance.now() - begun)
      await pause(BARE_SYNC.everyMs)
    }
    await file.close()
  }
  const running = run()
  return async () => {
    stopped = true
    await running
    return took
  }
}
