// Real: PostgreSQL, journal, key store, disk store, sealing, the keeper, pipes. Fake: Asterisk.
// The test writes a-law into the pipes itself.
import { randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { chmod, readFile, unlink } from 'node:fs/promises'
import { basename, join } from 'node:path'
import t from 'tap'
import { removeProtected } from '../../../lab/process/remove-protected.js'
import { startRecorder } from '../../../src/audio/recorder.js'
import { exactly } from '../../support/assertions/exactly.js'
import { testDatabase, until } from '../../support/processes/database.js'
import { openPipes, speak, talk } from '../../support/processes/keeper.js'
import {
  isAlive,
  journalGrantedCall,
  killKeeper,
  listFiles,
  makeRecorderParts,
  readRecordingEvents,
  readRecordingRows,
  recordingHolds,
  startRecorderSetup,
  startTestRecorder,
} from '../../support/processes/recorder-setup.js'

const database = await testDatabase(t)

t.test('a call with consent is recorded completely on both legs, and journalled in order', async t => {
  const house = await startRecorderSetup(t, database)
  const { call, grants } = await journalGrantedCall(house.journal)
  const prefix = await house.recorder.prepare(call, '100', grants)
  t.match(await readRecordingRows(house, call), exactly({ purpose: 'service', state: 'recording' }))
  t.equal((await listFiles(join(house.dir, 'keys'))).length, 1, 'the key file stands')
  t.strictSame(await listFiles(join(house.dir, 'store')), [], 'no container before there is audio')
  const pipes = () => readdirSync(house.deps.keeper.tapDir)
  t.equal(pipes().filter(name => name.startsWith(basename(prefix))).length, 2, 'the call has a pair of pipes')
  const spoken = talk()
  await speak(prefix, spoken)
  await house.recorder.channelGone(call)

  const [recording] = await readRecordingRows(house, call)
  t.match(recording, { state: 'finished', seconds: 100_000 / 8000, lost_bytes: 0 })
  t.ok(await recordingHolds(house, recording!.id, spoken), 'it opens to what was said')
  const events = await readRecordingEvents(house, call)
  t.strictSame(
    events.map(({ type }) => type),
    ['recording.prepared', 'recording.part-started', 'recording.part-ended', 'recording.finished'],
  )
  t.match(events[1]!.data, { location: 'disk' })
  t.match(events[2]!.data, { complete: true, samples: 100_000 })
  const plain = spoken[0].subarray(5_000, 5_032)
  const files = await listFiles(house.dir)
  t.ok(files.some(file => file.endsWith('.ctry')) && files.length > 1, 'container and key file are searched')
  for (const file of files) {
    t.notOk((await readFile(file)).includes(plain), `no plaintext in ${file.split('.').pop()}`)
  }
  await t.resolves(
    until(() => !pipes().some(name => name.startsWith(basename(prefix)))),
    'its pipes are removed',
  )
})

t.test('what is recorded before the PBX was looked at is stored only if that look allows it', async t => {
  const parts = await makeRecorderParts(t, database)
  const recorder = await startTestRecorder(t, { ...parts.deps, awaitsLook: true })
  /** A recorded call, with a pause that the look at the PBX brings, if it finds somebody there. */
  const record = async (finds: 'party' | undefined) => {
    const { call, grants } = await journalGrantedCall(parts.journal)
    const prefix = await recorder.prepare(call, '100', grants)
    await speak(prefix, talk())
    await until(() => recorder.hasAudio(prefix))
    if (finds) recorder.leaveOutHeld(call, Date.now(), finds)
    recorder.releaseHeld()
    await recorder.channelGone(call)
    return (await readRecordingRows(parts, call))[0]
  }
  const nothing = { state: 'empty', seconds: null }
  const everything = { state: 'finished', seconds: 100_000 / 8000 }
  t.match(await record('party'), nothing, 'before the first look')
  t.match(await record('party'), everything, 'after it, nothing is held')
  recorder.pbxLost()
  t.match(await record('party'), nothing, 'after a loss of the PBX')
  recorder.pbxLost()
  t.match(await record(undefined), everything, 'nobody else was there')
})

t.test('abandoning an unused tap ends that tap and no other', async t => {
  const house = await startRecorderSetup(t, database)
  const { call, grants } = await journalGrantedCall(house.journal, ['service', 'marketing'])
  const used = await house.recorder.prepare(call, '100', grants.slice(0, 1))
  await house.recorder.abandon(await house.recorder.prepare(call, '105', grants.slice(1)), 'left')
  await speak(used, talk())
  await house.recorder.channelGone(call)
  t.match(
    await readRecordingRows(house, call),
    exactly({ purpose: 'service', state: 'finished' }, { purpose: 'marketing', state: 'failed' }),
  )
  t.equal((await listFiles(join(house.dir, 'keys'))).length, 1)
})

t.test('a recording without audio leaves no container and no key', async t => {
  const house = await startRecorderSetup(t, database)
  const { call, grants } = await journalGrantedCall(house.journal)
  await house.recorder.prepare(call, '100', grants)
  await house.recorder.channelGone(call)
  t.match(await readRecordingRows(house, call), exactly({ state: 'empty' }))
  t.strictSame(await listFiles(join(house.dir, 'keys')), [])
  t.strictSame(await listFiles(join(house.dir, 'store')), [])
  await house.recorder.channelGone(call)
})

t.test('a recording whose pipe or tap folder was deleted is journalled as failed', async t => {
  const house = await startRecorderSetup(t, database)
  const { tapDir } = house.deps.keeper
  const cases: Record<string, (prefix: string) => Promise<void>> = {
    'one pipe': async prefix => {
      await chmod(tapDir, 0o700)
      await unlink(`${prefix}.tx.alaw`)
    },
    'the folder': () => removeProtected(tapDir),
  }
  for (const [what, damage] of Object.entries(cases)) {
    const { call, grants } = await journalGrantedCall(house.journal)
    await damage(await house.recorder.prepare(call, '100', grants))
    await house.recorder.channelGone(call)
    t.match(await readRecordingRows(house, call), exactly({ state: 'failed' }), what)
    t.match((await readRecordingEvents(house, call)).at(-1), {
      type: 'recording.failed',
      data: { reason: 'tap-lost' },
    })
    t.strictSame(await listFiles(join(house.dir, 'keys')), [], what)
  }
})

t.test('a purpose whose store or key store fails does not affect the other purposes', async t => {
  const house = await startRecorderSetup(t, database)
  // A file is where the store needs a folder, so that even root cannot write below it.
  writeFileSync(join(house.dir, 'store', 'marketing'), '')
  const { call, grants } = await journalGrantedCall(house.journal, ['service', 'marketing'])
  const spoken = talk()
  await speak(await house.recorder.prepare(call, '105', grants), spoken)
  await house.recorder.channelGone(call)
  const [service, marketing] = await readRecordingRows(house, call)
  t.match(service, { state: 'finished' })
  t.ok(await recordingHolds(house, service!.id, spoken))
  t.match(marketing, { state: 'failed' })
  t.strictSame(await listFiles(join(house.dir, 'keys', 'marketing')), [], 'its key is destroyed')

  rmSync(join(house.dir, 'keys', 'marketing'), { recursive: true })
  writeFileSync(join(house.dir, 'keys', 'marketing'), '')
  const next = await journalGrantedCall(house.journal, ['service', 'marketing'])
  await speak(await house.recorder.prepare(next.call, '105', next.grants), spoken)
  await house.recorder.channelGone(next.call)
  t.match(await readRecordingRows(house, next.call), exactly({ purpose: 'service', state: 'finished' }))
  t.match((await readRecordingEvents(house, next.call))[0], {
    type: 'recording.failed',
    data: { recording: null, purpose: 'marketing', reason: 'keys.unwritable' },
  })
})

t.test('a failed preparation leaves nothing behind', async t => {
  const house = await startRecorderSetup(t, database)
  const nothingLeft = async (): Promise<void> => {
    t.strictSame(await listFiles(join(house.dir, 'keys')), [])
    t.strictSame(await listFiles(join(house.dir, 'store')), [])
  }
  const { call, grants } = await journalGrantedCall(house.journal)
  const { recipients } = house.deps
  house.deps.recipients = []
  await t.rejects(house.recorder.prepare(call, '100', grants), { code: 'key.missing' })
  house.deps.recipients = recipients
  await nothingLeft()

  // That call has no answer, so the row of its recording violates a foreign key.
  const other = await journalGrantedCall(house.journal)
  await t.rejects(house.recorder.prepare(call, '100', other.grants), { code: 'journal.refused' })
  await nothingLeft()

  rmSync(join(house.dir, 'store'), { recursive: true })
  writeFileSync(join(house.dir, 'store'), '')
  await t.rejects(house.recorder.prepare(call, '100', grants), { code: 'store.unwritable' })
  rmSync(join(house.dir, 'store'))
  mkdirSync(join(house.dir, 'store'))
  await nothingLeft()
  t.strictSame(await readRecordingRows(house, call), [])
  const reasons = (await readRecordingEvents(house, call)).map(({ data }) => data['reason'])
  t.strictSame(reasons, ['key.missing', 'journal.refused', 'store.unwritable'])
})

t.test('a service that stops leaves the pipes to the next service, and no byte is lost', async t => {
  const parts = await makeRecorderParts(t, database)
  const first = await startRecorder(parts.deps)
  const keeperPid = first.keeperPid
  t.teardown(() => killKeeper(keeperPid))
  const { call, grants } = await journalGrantedCall(parts.journal)
  const pipes = await openPipes(t, await first.prepare(call, '100', grants))
  const spoken = [randomBytes(200_000), randomBytes(200_000)] as const
  const say = async (from: number, to: number): Promise<void> => {
    for (const leg of [0, 1] as const) await pipes[leg].writeFile(spoken[leg].subarray(from, to))
  }
  await say(0, 70_000)
  await until(async () => (await listFiles(join(parts.dir, 'store'))).length === 1)
  await say(70_000, 100_000)
  await first.stop()
  t.match(await readRecordingRows(parts, call), exactly({ state: 'recording' }))
  await say(100_000, 150_000)

  const second = await startRecorder(parts.deps)
  t.teardown(() => second.stop())
  t.equal(second.keeperPid, keeperPid, 'the same keeper')
  t.strictSame(second.recovered, [call])
  await say(150_000, 200_000)
  for (const pipe of pipes) await pipe.close()
  await second.channelGone(call)
  const [recording] = await readRecordingRows(parts, call)
  t.match(recording, { state: 'finished', seconds: 25, lost_bytes: 0 })
  t.ok(await recordingHolds(parts, recording!.id, spoken))
  const rows = await parts.deps.db
    .selectFrom('part')
    .where('recording_id', '=', recording!.id)
    .select(['number', 'complete'])
    .orderBy('number')
    .execute()
  t.strictSame(rows, [
    { number: 1, complete: true },
    { number: 2, complete: true },
  ])
})

t.test('a recording whose service and keeper died is ended where it stopped', async t => {
  const parts = await makeRecorderParts(t, database)
  const first = await startRecorder(parts.deps)
  const spoke = await journalGrantedCall(parts.journal)
  const silentCall = await journalGrantedCall(parts.journal)
  const pipes = await openPipes(t, await first.prepare(spoke.call, '100', spoke.grants))
  await first.prepare(silentCall.call, '100', silentCall.grants)
  await pipes[0].writeFile(randomBytes(80_000))
  await until(async () => (await listFiles(join(parts.dir, 'store'))).length === 1)
  const keeperPid = first.keeperPid
  await first.stop()
  await killKeeper(keeperPid)

  const second = await startRecorder({
    ...parts.deps,
    keeper: { ...parts.deps.keeper, limits: { staleMs: 100 } },
  })
  t.teardown(() => second.stop())
  t.strictSame(second.recovered, [])
  t.match(await readRecordingRows(parts, spoke.call), exactly({ state: 'truncated' }))
  t.match(await readRecordingRows(parts, silentCall.call), exactly({ state: 'failed' }))
  for (const pipe of pipes) await pipe.close()
})

t.test('a stop without running pipes ends the keeper', async t => {
  const parts = await makeRecorderParts(t, database)
  const recorder = await startRecorder(parts.deps)
  const pid = recorder.keeperPid!
  const { call, grants } = await journalGrantedCall(parts.journal)
  const spoken = talk()
  await speak(await recorder.prepare(call, '100', grants), spoken)
  await recorder.channelGone(call)
  await recorder.stop()
  await until(() => !isAlive(pid))
  t.strictSame(readdirSync(parts.deps.keeper.tapDir), [])
})
