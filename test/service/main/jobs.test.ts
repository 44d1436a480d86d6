// Real: PostgreSQL, journal, stores, node-cron. Fake: the content of containers and keys, the check of the current day.
import t from 'tap'
import { startServiceJobs } from '../../../src/main/jobs.js'
import { fillArchive, isOnDisk, openArchive } from '../../support/data/archive.js'
import { told } from '../../support/data/told-events.js'
import { scratch, testDatabase, until } from '../../support/processes/database.js'

const { db, server } = await testDatabase(t)

t.test('the service purges and audits on its schedule', async t => {
  const archive = await openArchive(await scratch(t), db, server.url)
  t.teardown(() => archive.deps.journal.stop())
  const due = await fillArchive(archive, server.adminUrl, { count: 30 })
  const jobs = startServiceJobs(archive.deps, { retention: '* * * * * *', audit: '* * * * * *' })
  const eventsOf = async (type: 'purge.finished' | 'audit.finished') =>
    told(db).where('type', '=', type).select('data').orderBy('id').execute()
  await until(
    async () =>
      (await eventsOf('purge.finished')).length >= 2 && (await eventsOf('audit.finished')).length >= 1,
  )
  await jobs.stop()

  const runs = await eventsOf('purge.finished')
  t.match(runs[0]?.data, { due: 30, destroyed: 30, held: 0, failed: 0 })
  t.match(runs[1]?.data, { due: 0, destroyed: 0, act: null })
  t.notOk(due.some(kept => isOnDisk(archive, kept)))
  const act = await db.selectFrom('act').select(['by', 'number']).executeTakeFirstOrThrow()
  t.strictSame(act, { by: 'consentry', number: 1 })

  const count = (await eventsOf('purge.finished')).length
  // The schedule would start a run in this time.
  await new Promise(resolve => setTimeout(resolve, 1_500))
  t.equal((await eventsOf('purge.finished')).length, count, 'a stopped schedule starts no run')
})

t.test('nothing is purged while the current day is not certain', async t => {
  const archive = await openArchive(await scratch(t), db, server.url)
  t.teardown(() => archive.deps.journal.stop())
  const due = await fillArchive(archive, server.adminUrl, { count: 3 })
  let asked = 0
  let certain = false
  const doubt = { kind: 'database', detail: 'the clocks differ', at: Date.now() } as const
  const check = async () => {
    asked++
    return certain ? undefined : doubt
  }
  const schedules = { retention: '* * * * * *', audit: '0 0 1 1 *' }
  const jobs = startServiceJobs({ ...archive.deps, day: { check } }, schedules)
  t.teardown(() => jobs.stop())
  await until(() => asked >= 2)
  t.ok(due.every(kept => isOnDisk(archive, kept)))
  certain = true
  await until(() => !due.some(kept => isOnDisk(archive, kept)))
})
