// Real: everything. PostgreSQL stands still while a caller takes the yes back.
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import t from 'tap'
import { compiled } from '../../lab/process/compiled.js'
import { epochMs } from '../../lab/time.js'
import { connect } from '../../src/db/connection.js'
import type { PartId } from '../../src/shared/ids.js'
import { waitUntilHeard } from '../support/assertions/heard-words.js'
import { promptSamples, startCallLab } from '../support/lab/call-lab.js'
import { dialAndGrant, shortLine } from '../support/lab/fault-lab.js'
import { until } from '../support/processes/database.js'

const LIMIT = 60_000
/** Longer than the journal waits for the end of a withdrawn recording, ms. */
const AWAY_MS = 12_000

const site = await startCallLab(t, { lines: [shortLine('301')] })
const { lab } = site

/** Stops every process of the database that the service speaks to. @returns what lets them go on */
async function freeze(): Promise<() => void> {
  const owner = await connect(lab.database.adminUrl, 'test')
  const { rows } = await owner.query<{ pid: number }>(
    'select pid from pg_stat_activity where client_port is not null and pid <> pg_backend_pid()',
  )
  await owner.close()
  const file = await readFile(join(lab.ready.data, 'postgres', 'cluster', 'postmaster.pid'), 'utf8')
  const pids = [Number(file.split('\n')[0]), ...rows.map(({ pid }) => pid)]
  const tell = (signal: NodeJS.Signals) => {
    for (const pid of pids) process.kill(pid, signal)
  }
  tell('SIGSTOP')
  return () => tell('SIGCONT')
}

t.test('a withdrawal needs no database; what it cannot do without one, the next purge does', async t => {
  const call = await dialAndGrant(site, '301')
  const { part } = await call.waitForEvent('recording.part-started')
  await waitUntilHeard(call.caller.heard, site.sentence, LIMIT)
  const goOn = await freeze()
  t.teardown(goOn)
  await call.caller.press('*')
  await sleep(100)
  const released = await call.caller.press('9')
  await until(async () => (await site.keyStore.find(part as PartId)) === undefined)
  t.comment(`the key was destroyed within ${Math.round(epochMs() - released)} ms`)
  t.ok(
    await waitUntilHeard(call.caller.heard, promptSamples('en', 'withdrawn'), LIMIT, released),
    'the caller is told',
  )
  await sleep(AWAY_MS)
  t.equal(call.caller.end, undefined, 'and the call goes on')
  goOn()
  await call.waitForEvent('consent.withdrawn')
  await call.waitForEvent('recording.finished')
  const purged = await promisify(execFile)(process.execPath, [compiled('cli'), 'purge', '--json'], {
    env: { ...lab.env, SUDO_USER: 'tester' },
  })
  t.match(JSON.parse(purged.stdout), { failed: 0 })
  await call.waitForEvent('recording.destroyed')
  const journal = await call.finish()
  t.match(journal.recordings, [{ state: 'destroyed' }])
  t.notOk(journal.recordings[0]!.files.some(existsSync), 'the container is gone')
  const acts = await site.db.selectFrom('act').select(['cause', 'closed_at']).execute()
  t.match(acts, [{ closed_at: Date }], 'in one act')
  t.strictSame((await site.verify()).faults, [])
})
