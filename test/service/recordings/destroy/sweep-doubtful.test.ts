// Real: PostgreSQL, journal, keeper, recorder, key store, disk store. Fake: the age of a key file, the check of the clock.
import { utimes } from 'node:fs/promises'
import t from 'tap'
import { type RunningRecorder, startRecorder } from '../../../../src/audio/recorder.js'
import { DAY_MS } from '../../../../src/core/clock.js'
import { newPartId } from '../../../../src/core/ids.js'
import { processRuns } from '../../../../src/lib/process/process-runs.js'
import { testDatabase, until } from '../../../support/processes/database.js'
import { killKeeper, makeRecorderParts } from '../../../support/processes/recorder-setup.js'

const database = await testDatabase(t)

/** Stops a recorder, which waits for its sweep, and lets its keeper end: until then it would hang up on the next recorder. */
async function stop(recorder: RunningRecorder): Promise<void> {
  const keeper = recorder.keeperPid!
  await recorder.stop()
  await until(() => !processRuns(keeper))
}

t.test('keys are swept only while the current day is certain and no event waits', async t => {
  const { deps } = await makeRecorderParts(t, database)
  const ref = { purpose: 'service', due: '2030-01-01', part: newPartId() }
  await deps.keyStore.put(ref, Buffer.alloc(218, 1))
  const old = new Date(Date.now() - 2 * DAY_MS)
  for (const path of deps.keyStore.locate(ref)) await utimes(path, old, old)
  const keys = async () => (await deps.keyStore.existingPaths(ref)).length

  let asked = 0
  let certain = false
  const dayIsCertain = async () => {
    asked++
    return certain
  }
  const first = await startRecorder({ ...deps, dayIsCertain })
  await until(() => asked === 1)
  await stop(first)
  t.equal(await keys(), 1)

  certain = true
  let looked = false
  const waiting = await startRecorder({
    ...deps,
    dayIsCertain,
    isJournalComplete() {
      looked = true
      return false
    },
  })
  await until(() => looked)
  await stop(waiting)
  t.equal(await keys(), 1, 'a key may belong to a recording whose event waits')

  const second = await startRecorder({ ...deps, dayIsCertain })
  t.teardown(async () => {
    const keeper = second.keeperPid
    await second.stop()
    await killKeeper(keeper)
  })
  await t.resolves(
    until(async () => (await keys()) === 0),
    'the key is swept',
  )
  t.equal(asked, 2, 'each service checked the day before its sweep')
})
