// Real: Asterisk, SIP callers, the service and its keeper, PostgreSQL, the command. Fake: none.
// PostgreSQL is frozen while a caller withdraws.
// Long only: a withdrawal in an outage; `fault/database` has the outage.
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import t from 'tap'
import { compiled } from '../../lab/process/compiled.js'
import type { PartId } from '../../src/core/ids.js'
import { connect } from '../../src/db/connection.js'
import { exactly } from '../support/assertions/exactly.js'
import { waitUntilHeard } from '../support/assertions/heard-words.js'
import { promptSamples, startCallLab } from '../support/lab/call-lab.js'
import { dialAndGrant, shortLine } from '../support/lab/fault-lab.js'
import { pressStarNine, waitUntilKeyGone } from '../support/lab/withdrawal.js'

const LIMIT = 60_000
/** How soon after the caller's last key a withdrawal takes effect, ms: docs/lines.md. Usually it takes some ms. */
const WITHDRAWN_MS = 5_000
/** How long the database is frozen, ms. The journal waits less for the end of a withdrawn recording. */
const AWAY_MS = 12_000

const site = await startCallLab(t, { lines: [shortLine('301')] })
const { lab } = site

/** Stops every database process that the service uses. @returns a function that continues them */
async function freeze(): Promise<() => void> {
  const owner = await connect(lab.database.adminUrl, 'test')
  const { rows } = await owner.query<{ pid: number }>(
    'select pid from pg_stat_activity where client_port is not null and pid <> pg_backend_pid()',
  )
  await owner.close()
  const file = await readFile(join(lab.ready.data, 'postgres', 'cluster', 'postmaster.pid'), 'utf8')
  const pids = [Number(file.split('\n')[0]), ...rows.map(({ pid }) => pid)]
  const signalAll = (signal: NodeJS.Signals) => {
    for (const pid of pids) process.kill(pid, signal)
  }
  signalAll('SIGSTOP')
  return () => signalAll('SIGCONT')
}

t.test('a withdrawal destroys the key without the database, and the next purge does the rest', async t => {
  const call = await dialAndGrant(site, '301')
  const { part } = await call.waitForEvent('recording.part-started')
  await waitUntilHeard(call.caller.heard, site.sentence, LIMIT)
  const resume = await freeze()
  t.teardown(resume)
  const released = await pressStarNine(call)
  const took = Math.round((await waitUntilKeyGone(site, part as PartId)) - released)
  t.ok(took <= WITHDRAWN_MS, `the key is destroyed within ${WITHDRAWN_MS} ms: ${took} ms`)
  t.ok(
    await waitUntilHeard(call.caller.heard, promptSamples('en', 'withdrawn'), LIMIT, released),
    'the caller hears the confirmation',
  )
  await sleep(AWAY_MS)
  t.equal(call.caller.end, undefined, 'the call goes on')
  resume()
  await call.waitForEvent('consent.withdrawn')
  await call.waitForEvent('recording.finished')
  const purged = await promisify(execFile)(process.execPath, [compiled('cli'), 'purge', '--json'], {
    env: { ...lab.env, SUDO_USER: 'tester' },
  })
  t.match(JSON.parse(purged.stdout), { failed: 0 })
  await call.waitForEvent('recording.destroyed')
  const journal = await call.finish()
  t.match(journal.recordings, exactly({ state: 'destroyed' }))
  t.notOk(journal.recordings[0]!.files.some(existsSync), 'the container is gone')
  const acts = await site.db.selectFrom('act').select(['cause', 'closed_at']).execute()
  t.match(acts, exactly({ closed_at: Date }), 'there is one closed act')
  t.strictSame((await site.verify()).faults, [])
})
