// Real: PostgreSQL, journal, stores, sealing, the keeper, pipes. Fake: Asterisk, a key store that hangs, a clock that runs faster.
// A pipe in place of a file makes its readers hang. The test writes a-law into the tap's pipes itself. The fake key store waits before
// the real operations. The clock runs ten times as fast.
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { startRecorder } from '../../../src/audio/recorder.js'
import { systemClock } from '../../../src/core/clock.js'
import type { KeyRef, KeyStore } from '../../../src/vault/keys/key-store.js'
import { exactly } from '../../support/assertions/exactly.js'
import { testDatabase, until } from '../../support/processes/database.js'
import { hangFile, type Release } from '../../support/processes/hung-files.js'
import { BLOCK_BYTES, openPipes } from '../../support/processes/keeper.js'
import {
  journalGrantedCall,
  killKeeper,
  listFiles,
  makeRecorderParts,
  readLastEvent,
  readPartRows,
  readRecordingRows,
  recordingHolds,
  startFirstRecorder,
} from '../../support/processes/recorder-setup.js'

const database = await testDatabase(t)

/** Longest time for a start, ms. The start waits 1.5 s for store and key store; a busy machine takes long for the rest. */
const LIMIT = 5_000

/** Makes a running recording whose service has ended. */
async function talkWithoutService(t: Test) {
  const parts = await makeRecorderParts(t, database)
  const first = await startFirstRecorder(t, parts.deps)
  const keeper = first.keeperPid
  const { call, grants } = await journalGrantedCall(parts.journal)
  const prefix = await first.prepare(call, '100', grants)
  const pipes = await openPipes(t, prefix)
  const spoken: [Buffer, Buffer] = [Buffer.alloc(0), Buffer.alloc(0)]
  const say = async () => {
    for (const leg of [0, 1] as const) {
      const block = randomBytes(BLOCK_BYTES)
      spoken[leg] = Buffer.concat([spoken[leg], block])
      await pipes[leg].writeFile(block)
    }
  }
  const partsOf = () => readPartRows(parts, call)
  await say()
  await until(async () => (await partsOf()).length === 1)
  await first.stop()
  const [row] = await partsOf()
  const key: KeyRef = { part: row!.id, purpose: row!.purpose, due: row!.due }
  const hangUp = async () => {
    for (const pipe of pipes) await pipe.close()
  }
  return { parts, call, prefix, spoken, say, hangUp, partsOf, keeper, key, object: row!.object }
}

/** Starts the next service, which must start although store or key store hangs. */
async function startInTime(t: Test, { deps }: Talk['parts'], faster = 1) {
  const clock = {
    ...systemClock,
    after: (ms: number, fn: () => void) => systemClock.after(ms / faster, fn),
  }
  const errors: string[] = []
  const log = Object.assign(Object.create(deps.log), {
    error: (fields: unknown, text?: string) => errors.push(text ?? String(fields)),
  })
  const before = performance.now()
  const next = await startRecorder({ ...deps, clock, log })
  t.ok(performance.now() - before < LIMIT, 'the start is not held up')
  t.match(errors, exactly(/store or key store does not answer/), 'the log says which store hangs')
  t.teardown(() => next.stop())
  next.pbxBack()
  return next
}

type Talk = Awaited<ReturnType<typeof talkWithoutService>>

/** A key store all of whose operations wait. Its release resolves once those that waited have ended, and those that followed on them. */
async function hangKeys({ parts: { deps } }: Talk): Promise<Release> {
  const { keyStore } = deps
  let release = () => {}
  const released = new Promise<void>(resolve => {
    release = resolve
  })
  const underWay: Promise<unknown>[] = []
  const later = <T>(work: () => Promise<T>): Promise<T> => {
    const waiting = released.then(work)
    underWay.push(waiting)
    return waiting
  }
  const [put, get, destroy] = [keyStore.put, keyStore.get, keyStore.destroy].map(one =>
    one.bind(keyStore),
  ) as [KeyStore['put'], KeyStore['get'], KeyStore['destroy']]
  keyStore.put = (ref, wrapped) => later(() => put(ref, wrapped))
  keyStore.get = ref => later(() => get(ref))
  keyStore.destroy = ref => later(() => destroy(ref))
  return async () => {
    release()
    for (let ended = 0; ended < underWay.length; await setImmediate()) {
      ended = underWay.length
      await Promise.allSettled(underWay)
    }
  }
}

const hangEarlierKey = ({ parts, key }: Talk) => hangFile(parts.deps.keyStore.locate(key)[0]!)

for (const [what, hang] of [
  ['the key of an earlier part', hangEarlierKey],
  ['the key store', hangKeys],
] as const) {
  t.test(`${what} hangs at the start: the recording continues later and is complete`, async t => {
    const talk = await talkWithoutService(t)
    const release = await hang(talk)
    const next = await startInTime(t, talk.parts)
    t.equal(next.readyTap(talk.call), talk.prefix, 'the call is being recorded')
    await talk.say()
    await release()
    await until(async () => (await talk.partsOf()).length === 2)
    await talk.say()
    await talk.hangUp()
    await next.channelGone(talk.call)
    const [recording] = await readRecordingRows(talk.parts, talk.call)
    t.match(recording, { state: 'finished', lost_bytes: 0 })
    t.ok(await recordingHolds(talk.parts, recording!.id, talk.spoken))
  })

  t.test(`${what} hangs at the start: consent that is withdrawn meanwhile leaves no key`, async t => {
    const talk = await talkWithoutService(t)
    const release = await hang(talk)
    const next = await startInTime(t, talk.parts)
    await talk.say()
    const withdrawn = next.withdraw(talk.call, { purposes: ['service'], at: Date.now(), keep: false })
    t.equal(next.readyTap(talk.call), undefined, 'nothing is recorded any more')
    await release()
    await withdrawn
    t.strictSame(await listFiles(join(talk.parts.dir, 'keys')), [])
    await talk.hangUp()
    await next.channelGone(talk.call)
  })

  t.test(`${what} hangs for too long: the recording is truncated, with the reason`, async t => {
    const talk = await talkWithoutService(t)
    const release = await hang(talk)
    const next = await startInTime(t, talk.parts, 10)
    await talk.say()
    await until(async () => {
      const last = await readLastEvent(talk.parts, talk.call)
      return last?.type === 'recording.finished'
    })
    t.match(await readLastEvent(talk.parts, talk.call), {
      data: { state: 'truncated', reason: 'store.unwritable' },
    })
    t.equal(next.readyTap(talk.call), undefined)
    await release()
    await talk.hangUp()
    await next.channelGone(talk.call)
  })
}

t.test('the store of a recording without its tap hangs: the recording is ended later', async t => {
  const talk = await talkWithoutService(t)
  await killKeeper(talk.keeper)
  const release = await hangFile(talk.parts.deps.store.locate(talk.object))
  const next = await startInTime(t, talk.parts)
  t.teardown(() => killKeeper(next.keeperPid))
  t.match(await readRecordingRows(talk.parts, talk.call), exactly({ state: 'recording' }))
  await release()
  await until(async () => (await readRecordingRows(talk.parts, talk.call))[0]?.state === 'truncated')
  t.match(await readLastEvent(talk.parts, talk.call), { data: { reason: 'tap-gone' } })
})
