// Real: PostgreSQL, journal, transparency log, the keeper with its pipes, stores, sealing, alarms. Fake: Asterisk, the start of the service.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { systemClock } from '../../../src/core/clock.js'
import { event } from '../../../src/core/events.js'
import { standingAlarms } from '../../../src/journal/read/present.js'
import { Alarms } from '../../../src/site/health/alarms.js'
import { exactly } from '../../support/assertions/exactly.js'
import { textsOfMachine } from '../../support/assertions/public-parts.js'
import { silent, testDatabase } from '../../support/processes/database.js'
import { openPipes } from '../../support/processes/keeper.js'
import {
  journalGrantedCall,
  makeRecorderParts,
  readRecordingRows,
  startTestRecorder,
} from '../../support/processes/recorder-setup.js'
import { logSettingsIn, updateLog, verifyDatabase } from '../../support/processes/tlog.js'

const database = await testDatabase(t)
/** The node has the name of its host. */
const NODE = 'vault-7.example.org'

t.test('no leaf names the host, a folder or a socket, and readers have them all the same', async t => {
  const { deps, journal, dir } = await makeRecorderParts(t, database)
  const recorder = await startTestRecorder(t, { ...deps, owner: { ...deps.owner, node: NODE } })
  const [keys, purposes] = [['service-1'], ['service']]
  journal.note(event('service.started', null, Date.now(), { version: '1', node: NODE, keys, purposes }))
  const { call, grants } = await journalGrantedCall(journal)
  const prefix = await recorder.prepare(call, '100', grants)
  t.ok(prefix.startsWith(dir), 'the dialplan gets the path')
  const pipes = await openPipes(t, prefix)
  recorder.handedOver(prefix, Date.now())
  const alarms = new Alarms({ journal, clock: systemClock, log: silent })
  const detail = `${NODE}: ${dir}/store cannot be written`
  alarms.raise({ alarm: 'store-unwritable', detail })
  await Promise.all(pipes.map(pipe => pipe.writeFile(Buffer.alloc(32_000, 1))))
  for (const pipe of pipes) await pipe.close()
  await recorder.channelGone(call)
  t.match(await readRecordingRows({ deps, journal }, call), exactly({ state: 'finished', seconds: 4 }))

  const settings = logSettingsIn(dir)
  await updateLog(database.server.url, settings)
  const leaves = readdirSync(join(settings.dir, 'tile', 'entries'), { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'latin1'))
    .join('\n')
  for (const type of ['service.started', 'recording.prepared', 'recording.part-started', 'alarm.raised'])
    t.match(leaves, `"type":"${type}"`)
  for (const secret of [NODE, dir, prefix]) t.notOk(leaves.includes(secret), secret)
  t.strictSame(await textsOfMachine(deps.db), [])
  t.strictSame((await verifyDatabase(database.server.url, settings.dir)).faults, [])

  t.match(await standingAlarms(deps.db), exactly({ alarm: 'store-unwritable', detail }))
  const starts = await deps.db.selectFrom('node_start').select(['name', 'keys']).execute()
  t.strictSame(starts, [{ name: NODE, keys }])
})
