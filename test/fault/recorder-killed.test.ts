// Real: PostgreSQL, stores, sealing, the keeper, the recorder as a separate process, kill -9. Fake: Asterisk.
// The test writes Asterisk's blocks into the pipes, faster than Asterisk would.
import { randomBytes, randomInt } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { startRecorder } from '../../src/audio/recorder.js'
import { withParts } from '../../src/recordings/open/find-parts.js'
import { missingAudioOf } from '../../src/recordings/open/missing-audio.js'
import { decodeLegs } from '../../src/recordings/open/open-recording.js'
import { testDatabase, until } from '../support/processes/database.js'
import { openPipes } from '../support/processes/keeper.js'
import { startKillableRecorder } from '../support/processes/killable-recorder.js'
import {
  isAlive,
  journalGrantedCall,
  killKeeper,
  makeRecorderParts,
  readRecordingEvents,
  readRecordingRows,
  recordingHolds,
} from '../support/processes/recorder-setup.js'

const ROUNDS = 12
const database = await testDatabase(t)

t.test(`a recorder killed ${ROUNDS} times during a call loses no sample and doubles none`, async t => {
  // The test writes faster than Asterisk, so the keeper may hold more.
  const house = await makeRecorderParts(t, database, { heldBytes: 20_000_000, goneMs: 600_000 })
  const { call, grants } = await journalGrantedCall(house.journal, ['service', 'marketing'])
  const recorder = await startKillableRecorder(t, house, { call, grants })
  const pipes = await openPipes(t, recorder.prefix)
  const spoken: [Buffer[], Buffer[]] = [[], []]
  let talking = true
  const talk = Promise.all(
    ([0, 1] as const).map(async leg => {
      while (talking) {
        const block = randomBytes(32_768)
        spoken[leg].push(block)
        await pipes[leg].writeFile(block)
        await pause(150)
      }
      await pipes[leg].close()
    }),
  )
  for (let round = 0; round < ROUNDS; round++) {
    await pause(randomInt(0, 900))
    await recorder.kill()
    await recorder.start()
  }
  talking = false
  await talk
  await recorder.end()
  await until(async () => (await readRecordingRows(house, call)).every(({ state }) => state !== 'recording'))

  const said = [Buffer.concat(spoken[0]), Buffer.concat(spoken[1])] as const
  const recordings = await readRecordingRows(house, call)
  t.equal(recordings.length, 2, 'two recordings')
  for (const { id, purpose, state, seconds, lost_bytes } of recordings) {
    t.match({ state, lost_bytes }, { state: 'finished', lost_bytes: 0 }, purpose)
    t.equal(
      seconds,
      Math.max(said[0].length, said[1].length) / 8000,
      'the recording is as long as the longer leg',
    )
    t.ok(await recordingHolds(house, id, said), `${purpose} has every byte`)
    const read = await withParts(house.deps, id, parts => decodeLegs(parts, house.identities))
    t.ok(read.parts.length > 1, `${purpose} has several parts`)
    t.strictSame(await missingAudioOf(house.deps.db, id, read), { holes: [], end: 'whole' }, purpose)
  }
})

t.test('a killed keeper is replaced, the gap is journalled, and the recording goes on', async t => {
  const house = await makeRecorderParts(t, database)
  const recorder = await startRecorder(house.deps)
  t.teardown(async () => {
    const pid = recorder.keeperPid
    await recorder.stop()
    await killKeeper(pid)
  })
  const { call, grants } = await journalGrantedCall(house.journal)
  const pipes = await openPipes(t, await recorder.prepare(call, '100', grants))
  const spoken = [randomBytes(60_000), randomBytes(60_000)] as const
  const say = (from: number, to: number) =>
    Promise.all(pipes.map((pipe, leg) => pipe.writeFile(spoken[leg]!.subarray(from, to))))
  const parts = () =>
    house.deps.db.selectFrom('part').innerJoin('recording', 'recording.id', 'part.recording_id')
  await say(0, 30_000)
  await until(
    async () => (await parts().where('call_id', '=', call).select('part.id').execute()).length === 1,
  )
  const first = recorder.keeperPid!
  await killKeeper(first)
  await until(() => recorder.keeperPid !== undefined && recorder.keeperPid !== first)
  await until(async () =>
    (await readRecordingEvents(house, call)).some(({ type }) => type === 'recording.gap'),
  )
  await say(30_000, 60_000)
  for (const pipe of pipes) await pipe.close()
  await recorder.channelGone(call)

  const [recording] = await readRecordingRows(house, call)
  t.match(recording, { state: 'finished', seconds: 7.5 })
  t.ok(
    await recordingHolds(house, recording!.id, spoken),
    'the keeper held no audio when it died, so no byte is missing',
  )
  const gaps = (await readRecordingEvents(house, call)).filter(({ type }) => type === 'recording.gap')
  t.strictSame(gaps.map(({ data }) => [data['leg'], data['reason']]).sort(), [
    ['agent', 'keeper-died'],
    ['caller', 'keeper-died'],
  ])
  const next = await journalGrantedCall(house.journal)
  t.ok(await recorder.prepare(next.call, '100', next.grants), 'the next call can be recorded')
  await recorder.channelGone(next.call)
})

t.test('a stopped keeper is killed and replaced, because Asterisk would stop with it', async t => {
  const house = await makeRecorderParts(t, database)
  const recorder = await startRecorder(house.deps)
  t.teardown(() => recorder.stop())
  const first = recorder.keeperPid!
  process.kill(first, 'SIGSTOP')
  await until(() => recorder.keeperPid !== undefined && recorder.keeperPid !== first)
  t.notOk(isAlive(first), 'the first keeper has ended')
  t.ok(isAlive(recorder.keeperPid!), 'another keeper runs')
})
