// Real: the look at the work that the watchdog waits for. Fake: the calls, the PBX, the journal, the file operation.
import t from 'tap'
import { workCheck } from '../../../../src/site/health/work-done.js'

const counts = { committed: 0, refused: 0, spooled: 0, dropped: 0 }
const parts = () => ({
  calls: { leftWaiting: false },
  pbx: { connected: true },
  journal: { available: true, refusing: false, waiting: 0, counts: { ...counts } },
})
const done = async () => {}

t.test('a service with nothing to do works', async t => {
  const look = workCheck(parts(), done)
  t.strictSame([await look(), await look()], [true, true])
})

t.test('a file operation that fails is a proof, one that hangs is none', async t => {
  t.equal(await workCheck(parts(), () => Promise.reject(new Error('EIO')))(), true)
  let settled = false
  void workCheck(parts(), () => new Promise(() => {}))().then(() => (settled = true))
  await new Promise(resolve => setImmediate(resolve))
  t.notOk(settled)
})

t.test('callers who are left waiting are no work, unless the PBX is away', async t => {
  const all = parts()
  all.calls.leftWaiting = true
  const look = workCheck(all, done)
  t.equal(await look(), false)
  all.pbx.connected = false
  t.equal(await look(), true, 'a restart would not bring the PBX back')
})

t.test('events that wait must move while the database answers', async t => {
  const all = parts()
  const { journal } = all
  const look = workCheck(all, done)
  journal.waiting = 3
  t.equal(await look(), true, 'the first look knows no earlier one')
  t.equal(await look(), false, 'nothing was settled between two looks')
  for (const name of ['committed', 'refused', 'spooled', 'dropped'] as const) {
    journal.counts[name]++
    t.equal(await look(), true, name)
  }
  journal.available = false
  t.equal(await look(), true, 'a database that is away is no fault of the service')
  Object.assign(journal, { available: true, refusing: true })
  t.equal(await look(), true, 'nor is one that refuses')
  Object.assign(journal, { refusing: false, waiting: 0 })
  await look()
  journal.waiting = 1
  t.equal(await look(), true, 'events that came after the last look')
})
