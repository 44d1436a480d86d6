// Real: two recorders with a keeper each, PostgreSQL, journals, one key store, one store, pipes. Fake: Asterisk, the age of files.
// The test writes a-law into the pipes itself.
import { randomBytes } from 'node:crypto'
import { readFile, utimes, writeFile } from 'node:fs/promises'
import t, { type Test } from 'tap'
import { type RecorderDeps, startRecorder } from '../../../../src/audio/recorder.js'
import { DAY_MS } from '../../../../src/core/clock.js'
import type { CallEvent } from '../../../../src/core/events.js'
import { testDatabase, until } from '../../../support/processes/database.js'
import { BLOCK_BYTES, openPipes } from '../../../support/processes/keeper.js'
import {
  journalGrantedCall,
  killKeeper,
  listFiles,
  makeRecorderParts,
  type RecorderSetup,
  readRecordingRows,
  recordingHolds,
  startRecorderSetup,
} from '../../../support/processes/recorder-setup.js'

const database = await testDatabase(t)
const DAYS = 3 * DAY_MS

/** Starts another recorder on the same stores, waits for its sweep, and stops it. */
async function sweepFromBeside(t: Test, { deps }: Pick<RecorderSetup, 'deps'>): Promise<void> {
  const own = await makeRecorderParts(t, database)
  const { keyStore, store } = deps
  const beside = await startRecorder({
    ...own.deps,
    owner: { ...own.deps.owner, node: 'beside' },
    keyStore,
    store,
  })
  const keeper = beside.keeperPid
  await beside.stop()
  await killKeeper(keeper)
  await own.journal.idle()
}

/** Makes every key file and container look three days old. */
async function age(dir: string): Promise<void> {
  const longAgo = new Date(Date.now() - DAYS)
  for (const folder of ['keys', 'store'])
    for (const path of await listFiles(`${dir}/${folder}`)) await utimes(path, longAgo, longAgo)
}

/** Writes one block on each leg, ends the call, and asserts that the whole recording can be opened. */
async function endsWhole(
  t: Test,
  { recorder, ...house }: RecorderSetup,
  call: Awaited<ReturnType<typeof journalGrantedCall>>['call'],
  pipes: Awaited<ReturnType<typeof openPipes>>,
  before: readonly [Buffer, Buffer] = [Buffer.alloc(0), Buffer.alloc(0)],
): Promise<void> {
  const spoken = [randomBytes(BLOCK_BYTES), randomBytes(BLOCK_BYTES)] as const
  for (const leg of [0, 1] as const) await pipes[leg].writeFile(spoken[leg])
  for (const pipe of pipes) await pipe.close()
  await recorder.channelGone(call)
  const [recording] = await readRecordingRows(house, call)
  t.match(recording, { state: 'finished' })
  const said = [Buffer.concat([before[0], spoken[0]]), Buffer.concat([before[1], spoken[1]])] as const
  t.ok(await recordingHolds(house, recording!.id, said), 'every byte can be opened')
}

t.test('a call without audio for days keeps its key during the sweep of another service', async t => {
  const house = await startRecorderSetup(t, database)
  const { call, grants } = await journalGrantedCall(house.journal)
  const pipes = await openPipes(t, await house.recorder.prepare(call, '100', grants))
  await age(house.dir)
  await sweepFromBeside(t, house)
  t.equal((await listFiles(`${house.dir}/keys`)).length, 1, 'its key')
  await endsWhole(t, house, call, pipes)
})

t.test('a sweep journals how many keys it destroyed', async t => {
  const house = await startRecorderSetup(t, database)
  const { call, grants } = await journalGrantedCall(house.journal)
  const prefix = await house.recorder.prepare(call, '100', grants)
  const [path] = await listFiles(`${house.dir}/keys`)
  const key = await readFile(path!)
  await house.recorder.abandon(prefix, 'test')
  await house.journal.idle()
  // This is the state that a service leaves when it is killed before it destroys the key.
  await writeFile(path!, key)
  await age(house.dir)
  await sweepFromBeside(t, house)
  t.strictSame(await listFiles(`${house.dir}/keys`), [])
  const events = await house.deps.db
    .selectFrom('event')
    .where('type', '=', 'keys.swept')
    .select('data')
    .execute()
  t.strictSame(events, [{ data: { destroyed: 1, ofDestroyed: 0, left: 0 } }])
})

t.test('a call keeps its key while its service cannot write the part to the database', async t => {
  const parts = await makeRecorderParts(t, database)
  const waiting: (() => void)[] = []
  let away = true
  const { journal } = parts
  // Each event waits, as in the spool of a service that cannot reach the database.
  const later = <T>(tell: () => T) =>
    away ? new Promise<T>(resolve => waiting.push(() => resolve(tell()))) : Promise.resolve(tell())
  const deps: RecorderDeps = {
    ...parts.deps,
    journal: {
      append: (events: CallEvent[], ms: number) => journal.append(events, ms),
      note: (...events: CallEvent[]) => void later(() => journal.note(...events)),
      noteDurably: async (event: CallEvent) => {
        if (away) void later(() => journal.noteDurably(event))
        else await journal.noteDurably(event)
      },
    },
  }
  const recorder = await startRecorder(deps)
  t.teardown(async () => {
    const pid = recorder.keeperPid
    await recorder.stop()
    await killKeeper(pid)
  })
  const house: RecorderSetup = { ...parts, deps, recorder }
  const { call, grants } = await journalGrantedCall(journal)
  const pipes = await openPipes(t, await recorder.prepare(call, '100', grants))
  const first = [randomBytes(BLOCK_BYTES), randomBytes(BLOCK_BYTES)] as const
  for (const leg of [0, 1] as const) await pipes[leg].writeFile(first[leg])
  await until(() => waiting.length > 0)
  await age(house.dir)
  await sweepFromBeside(t, house)
  t.equal((await listFiles(`${house.dir}/keys`)).length, 1, 'its key')
  t.equal((await listFiles(`${house.dir}/store`)).length, 1, 'its container')

  away = false
  for (const tell of waiting.splice(0)) tell()
  await endsWhole(t, house, call, pipes, first)
})
