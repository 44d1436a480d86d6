// Real: PostgreSQL, journal, key store, disk store, sealing, the keeper, pipes. Fake: Asterisk.
// The test writes a-law into the pipes itself.
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import t, { type Test } from 'tap'
import { decodeG711 } from '../../../lab/audio/g711.js'
import { startRecorder } from '../../../src/audio/recorder.js'
import { KeeperClient } from '../../../src/audio/tap/keeper-client.js'
import type { Leg } from '../../../src/core/audio.js'
import { event } from '../../../src/core/events.js'
import type { OmittedBy } from '../../../src/core/party-events.js'
import { tapName } from '../../../src/core/tap-name.js'
import { SUFFIXES } from '../../../src/keeper/protocol.js'
import { withParts } from '../../../src/recordings/open/find-parts.js'
import { missingAudioOf } from '../../../src/recordings/open/missing-audio.js'
import { decodeLegs } from '../../../src/recordings/open/open-recording.js'
import type { KeyRef } from '../../../src/vault/keys/key-store.js'
import { exactly } from '../../support/assertions/exactly.js'
import { testDatabase, until } from '../../support/processes/database.js'
import { BLOCK_BYTES, openPipes, writeOneBlock } from '../../support/processes/keeper.js'
import {
  journalGrantedCall,
  killKeeper,
  makeRecorderParts,
  readLastEvent,
  readPartRows,
  readRecordingEvents,
  readRecordingRows,
  recordingHolds,
  startFirstRecorder,
  startTestRecorder as startNext,
  startRecorderSetup,
} from '../../support/processes/recorder-setup.js'

const database = await testDatabase(t)

t.test('the next service recovers a tap that was prepared and not handed over', async t => {
  const parts = await makeRecorderParts(t, database)
  const first = await startFirstRecorder(t, parts.deps)
  const { call, grants } = await journalGrantedCall(parts.journal)
  const prefix = await first.prepare(call, '100', grants)
  await first.stop()
  const [prepared] = await readRecordingEvents(parts, call)
  t.match(prepared, { type: 'recording.prepared', data: { tap: tapName(prefix) } })

  const second = await startRecorder(parts.deps)
  t.teardown(() => second.stop())
  t.equal(second.readyTap(call), prefix)
  t.equal(second.findTap(tapName(prefix)), prefix)
  second.pbxBack()
  const spoken = await writeOneBlock(prefix)
  await second.channelGone(call)
  const recordings = await readRecordingRows(parts, call)
  t.match(recordings, exactly({ state: 'finished', lost_bytes: 0 }))
  t.equal(recordings.length, 1)
  t.ok(await recordingHolds(parts, recordings[0]!.id, spoken))
})

t.test('pipes of a recording that is not in the journal are ended', async t => {
  const parts = await makeRecorderParts(t, database)
  const { call } = await journalGrantedCall(parts.journal)
  const dead = await KeeperClient.start(parts.deps.keeper, parts.deps.log)
  t.teardown(() => killKeeper(dead.pid))
  const listener = { block() {}, gap() {}, end() {}, filling() {}, interrupted() {} }
  const { reference: prefix } = await dead.openTap(call, listener)
  const isThere = () => SUFFIXES.some(suffix => existsSync(prefix + suffix))
  t.ok(isThere())
  await dead.stop()

  const next = await startRecorder(parts.deps)
  t.teardown(() => next.stop())
  t.equal(next.readyTap(call), undefined)
  await until(() => !isThere())
  t.strictSame(await readRecordingRows(parts, call), [])
})

/** Makes a recording with one block in its first part, whose service has ended. */
async function recordingWithoutService(t: Test) {
  const parts = await makeRecorderParts(t, database)
  const first = await startFirstRecorder(t, parts.deps)
  const keeper = first.keeperPid
  const { call, grants } = await journalGrantedCall(parts.journal)
  const pipes = await openPipes(t, await first.prepare(call, '100', grants))
  for (const pipe of pipes) {
    await pipe.writeFile(randomBytes(BLOCK_BYTES))
    t.teardown(() => pipe.close())
  }
  await until(async () => (await readPartRows(parts, call)).length === 1)
  await first.stop()
  const [row] = await readPartRows(parts, call)
  const key: KeyRef = { part: row!.id, purpose: row!.purpose, due: row!.due }
  return { parts, call, keeper, key }
}

/** @returns the recording's last event after the next service has recovered it */
async function lastEventAfterRecovery(
  t: Test,
  { parts, call }: Awaited<ReturnType<typeof recordingWithoutService>>,
) {
  await startNext(t, parts.deps)
  t.match(await readRecordingRows(parts, call), exactly({ state: 'truncated' }))
  return readLastEvent(parts, call)
}

t.test('a recording whose keeper died with its service is truncated, with the reason', async t => {
  const stopped = await recordingWithoutService(t)
  await killKeeper(stopped.keeper)
  const end = await lastEventAfterRecovery(t, stopped)
  t.match(end, { type: 'recording.finished', data: { reason: 'tap-gone', seconds: 4 } })
})

t.test(
  'a recording whose service restarts with another tap folder is truncated, with and without its keeper',
  async t => {
    for (const lives of [true, false]) {
      const { parts, call, keeper } = await recordingWithoutService(t)
      const before = await startRecorder(parts.deps)
      const unheard = await journalGrantedCall(parts.journal)
      await before.prepare(unheard.call, '100', unheard.grants)
      await before.stop()
      if (!lives) await killKeeper(keeper)
      const { deps } = parts
      await startNext(t, {
        ...deps,
        keeper: { ...deps.keeper, tapDir: `${deps.keeper.tapDir}-next` },
      })
      const ends = await Promise.all([call, unheard.call].map(of => readLastEvent(parts, of)))
      t.match(
        ends,
        exactly(
          { type: 'recording.finished', data: { state: 'truncated', reason: 'tap-gone' } },
          { type: 'recording.failed', data: { reason: 'tap-gone' } },
        ),
      )
    }
  },
)

t.test(
  'recordings of another service of this machine, or of another machine of the same name, are not touched',
  async t => {
    const { recorder, ...neighbour } = await startRecorderSetup(t, database)
    const talk = await journalGrantedCall(neighbour.journal)
    const prefix = await recorder.prepare(talk.call, '100', talk.grants)
    const stopped = await recordingWithoutService(t)
    await killKeeper(stopped.keeper)
    const own = await makeRecorderParts(t, database)
    const { socket, tapDir } = stopped.parts.deps.keeper
    const { node } = stopped.parts.deps.owner
    const elsewhere = {
      ...own.deps,
      owner: { ...own.deps.owner, node },
      keeper: { ...own.deps.keeper, socket, tapDir },
    }

    await startNext(t, own.deps)
    await (await startNext(t, elsewhere)).stop()
    t.match(await readRecordingRows(stopped.parts, stopped.call), exactly({ state: 'recording' }))
    const spoken = await writeOneBlock(prefix)
    await recorder.channelGone(talk.call)
    const [recording] = await readRecordingRows(neighbour, talk.call)
    t.match(recording, { state: 'finished' })
    t.ok(await recordingHolds(neighbour, recording!.id, spoken))
    t.equal((await readLastEvent(neighbour, talk.call))?.type, 'recording.finished')
    t.match(await lastEventAfterRecovery(t, stopped), {
      type: 'recording.finished',
      data: { reason: 'tap-gone' },
    })
  },
)

t.test(
  'a recording whose consent was withdrawn ends as withdrawn, with and without the event in the journal',
  async t => {
    const told = await recordingWithoutService(t)
    told.parts.journal.note(
      event('consent.withdrawn', told.call, Date.now(), { purposes: ['service'], keep: false }),
    )
    await told.parts.journal.idle()
    t.match(await lastEventAfterRecovery(t, told), {
      type: 'recording.finished',
      data: { reason: 'withdrawn' },
    })

    const untold = await recordingWithoutService(t)
    await untold.parts.deps.keyStore.destroy(untold.key)
    t.match(await lastEventAfterRecovery(t, untold), {
      type: 'recording.finished',
      data: { reason: 'key-gone' },
    })
  },
)

/** What is left out between two services, and for which legs. */
async function omittedByNext(t: Test, by: OmittedBy) {
  const parts = await makeRecorderParts(t, database)
  const first = await startFirstRecorder(t, parts.deps)
  const { call, grants } = await journalGrantedCall(parts.journal)
  const prefix = await first.prepare(call, '100', grants)
  const pipes = await openPipes(t, prefix)
  first.handedOver(prefix, Date.now())
  const spoken = Array.from({ length: 3 * BLOCK_BYTES }, (_, i) => 1 + (i % 100))
  const say = (block: number) =>
    Promise.all(
      pipes.map(pipe =>
        pipe.writeFile(Buffer.from(spoken.slice(block * BLOCK_BYTES, (block + 1) * BLOCK_BYTES))),
      ),
    )
  await say(0)
  await until(async () =>
    (await readRecordingEvents(parts, call)).some(({ type }) => type.endsWith('part-started')),
  )
  // The pause was long enough ago that only the block that may contain it is cut.
  void first.pause(call, Date.now() - 20_000, by)
  first.resume(call, Date.now() - 15_000, by)
  await first.stop()
  await say(1)

  const second = await startRecorder(parts.deps)
  t.teardown(() => second.stop())
  second.pbxBack()
  await say(2)
  for (const pipe of pipes) await pipe.close()
  await second.channelGone(call)
  const [recording] = await readRecordingRows(parts, call)
  const heard = await withParts(parts.deps, recording!.id, of => decodeLegs(of, parts.identities))
  const whole = Buffer.from(decodeG711(Buffer.from(spoken), 'alaw').buffer)
  const cut = Buffer.from(
    decodeG711(Buffer.from(spoken), 'alaw').fill(0, BLOCK_BYTES, 2 * BLOCK_BYTES).buffer,
  )
  const isOf = (leg: Leg, expected: Buffer) => Buffer.from(heard[leg].buffer).equals(expected)
  const { holes, end } = await missingAudioOf(parts.deps.db, recording!.id, heard)
  t.strictSame([holes, end], [[], 'whole'], 'the journal explains the hole')
  return { caller: isOf('caller', cut), agent: isOf('agent', cut), callerWhole: isOf('caller', whole) }
}

t.test('a service that starts after a pause keeps no audio of the pause', async t => {
  t.strictSame(await omittedByNext(t, 'agent'), { caller: true, agent: true, callerWhole: false })
})

t.test('a service that starts after one side was left out keeps no audio of that side', async t => {
  t.strictSame(await omittedByNext(t, 'own-side'), { caller: false, agent: true, callerWhole: true })
})
