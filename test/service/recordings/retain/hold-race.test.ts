// Real: PostgreSQL, journal, key store, disk store. Fake: the content of containers and keys.
// Purge and hold run at the same time.
// Long: three times as many rounds.
import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { type HoldTarget, placeHold } from '../../../../src/recordings/retain/holds.js'
import { runPurge } from '../../../../src/recordings/retain/run-purge.js'
import { fillArchive, isOnDisk, openArchive } from '../../../support/data/archive.js'
import { isLong } from '../../../support/fuzz/seeded.js'
import { scratch, testDatabase } from '../../../support/processes/database.js'

const AT = Date.parse('2026-03-03T00:00:00Z')

const { db, server } = await testDatabase(t)
const archive = await openArchive(await scratch(t), db, server.url)
t.teardown(() => archive.deps.journal.stop())

const purge = () => runPurge(archive.deps, { at: AT, by: 'purge' })
const hold = (on: HoldTarget) =>
  placeHold(archive.deps, { on, kind: 'hold', reason: 'lawsuit', by: 'olga', expiresAt: null })

/** Measures how long a purge of this size takes on this machine, ms. The tests place holds at moments within this time. */
async function timed(count: number): Promise<number> {
  await fillArchive(archive, server.adminUrl, { count })
  const began = performance.now()
  await purge()
  return performance.now() - began
}

/**
 * Runs a purge and a hold at the same time. The hold comes between half a purge before the purge and the expected end of the
 * purge. Early and late holds alternate, because on a machine with changing load the same side might otherwise always be first.
 *
 * @param place when the hold comes: from 0, the earliest, to 1, the latest
 * @param whole how long a purge takes, ms
 */
async function raced(place: number, whole: number, on: HoldTarget) {
  if (place === 0) {
    const placed = await hold(on)
    return { placed, report: await purge() }
  }
  if (place === 1) {
    const report = await purge()
    return { report, placed: await hold(on) }
  }
  const after = whole * (1.5 * place - 0.5)
  const [report, placed] = await Promise.all([
    pause(Math.max(0, -after)).then(purge),
    pause(Math.max(0, after)).then(() => hold(on)),
  ])
  return { report, placed }
}

t.test(
  'a hold during a purge either keeps the recording complete or reports that it is too late',
  async t => {
    const [rounds, count] = [isLong ? 30 : 10, 50]
    const whole = await timed(count)
    const first = { hold: 0, purge: 0 }
    for (let round = 0; round < rounds; round++) {
      const due = await fillArchive(archive, server.adminUrl, { count })
      const one = due[round % count]!
      const on = round % 2 === 0 ? { recording: one.recording } : { call: one.call }
      const { report, placed } = await raced(round / (rounds - 1), whole, on)
      const row = await db
        .selectFrom('recording')
        .where('id', '=', one.recording)
        .select('state')
        .executeTakeFirstOrThrow()
      const found = {
        ...placed,
        destroyed: report!.destroyed,
        state: row.state,
        onDisk: isOnDisk(archive, one),
      }
      const { hold: id } = placed
      const kept = { hold: id, kept: 1, gone: 0, destroyed: count - 1, state: 'finished', onDisk: true }
      const late = { hold: id, kept: 0, gone: 1, destroyed: count, state: 'destroyed', onDisk: false }
      first[placed.kept > 0 ? 'hold' : 'purge']++
      t.strictSame(found, placed.kept > 0 ? kept : late)
    }
    t.comment(first)
    t.ok(first.hold > 0 && first.purge > 0, 'hold and purge each came first in some rounds')
  },
)

t.test('a hold on everything during a purge keeps exactly as many recordings as it reports', async t => {
  const [rounds, count] = isLong ? [4, 1_500] : [1, 1_100]
  const whole = await timed(count)
  for (let round = 0; round < rounds; round++) {
    const day = `2027-01-${10 + round}`
    const due = await fillArchive(archive, server.adminUrl, {
      count,
      preparedAt: `timestamptz '${day} 10:00Z'`,
      due: `date '2026-03-01'`,
    })
    const on = { from: new Date(`${day}T00:00Z`), to: new Date(`${day}T23:00Z`) }
    const [, placed] = await Promise.all([purge(), pause(Math.random() * whole).then(() => hold(on))])
    const kept = due.filter(recording => isOnDisk(archive, recording)).length
    t.strictSame(placed, { hold: placed.hold, kept, gone: count - kept })
  }
})
