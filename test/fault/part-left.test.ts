// Real: PostgreSQL, stores, sealing, the keeper, the recorder as a separate process, kill -9. Fake: Asterisk.
// The test writes Asterisk's blocks into the pipes.
// Long only: parts that were cut or forged; `service/vault` has damaged containers.
import { randomBytes } from 'node:crypto'
import { readFile, truncate, writeFile } from 'node:fs/promises'
import t, { type Test } from 'tap'
import type { RecordingId } from '../../src/core/ids.js'
import { auditStore } from '../../src/recordings/audit/audit-store.js'
import { verifyRecordings } from '../../src/recordings/audit/verify-recordings.js'
import { openPart, readHeader } from '../../src/vault/crypto/part-opener.js'
import { createPartSealer } from '../../src/vault/crypto/part-sealer.js'
import type { KeyRef } from '../../src/vault/keys/key-store.js'
import { exactly } from '../support/assertions/exactly.js'
import { testDatabase, until } from '../support/processes/database.js'
import { BLOCK_BYTES, openPipes } from '../support/processes/keeper.js'
import { startKillableRecorder } from '../support/processes/killable-recorder.js'
import {
  journalGrantedCall,
  makeRecorderParts,
  type RecorderSetup,
  readRecordingEvents,
  readRecordingRows,
} from '../support/processes/recorder-setup.js'

const database = await testDatabase(t)
type House = Omit<RecorderSetup, 'recorder'>

/** Makes a recording whose service is killed in the first part, after some blocks of each leg. */
async function leftPart(t: Test, blocks = 1) {
  const house = await makeRecorderParts(t, database, { heldBytes: 20_000_000, goneMs: 600_000 })
  const { call, grants } = await journalGrantedCall(house.journal)
  const recorder = await startKillableRecorder(t, house, { call, grants })
  const pipes = await openPipes(t, recorder.prefix)
  const { db, store, keyStore } = house.deps
  const [recording] = await readRecordingRows(house, call)
  const id = recording!.id
  const sizeOf = async () => {
    for await (const { name, size } of store.list()) if (name === object) return size
    return 0
  }
  let object = ''
  for (let block = 0; block < blocks; block++) {
    for (const pipe of pipes) await pipe.writeFile(randomBytes(BLOCK_BYTES))
    if (block === 0) await until(async () => (await partsOf(house, id)).length > 0)
    object = (await partsOf(house, id))[0]!.object
    await until(async () => (await sizeOf()) > (block + 1) * 2 * BLOCK_BYTES)
  }
  await recorder.kill()
  const [part] = await partsOf(house, id)
  const key: KeyRef = (await keyStore.find(part!.id))!
  return { house, db, call, id, part: part!, key, path: store.locate(object), recorder, pipes }
}

const partsOf = ({ deps: { db } }: House, recording: RecordingId) =>
  db.selectFrom('part').where('recording_id', '=', recording).selectAll().orderBy('number').execute()

/** Runs `verify` and `audit`, each with and without the identity. @returns what each says about one recording */
async function verdictsOn({ deps, identities }: House, recording: RecordingId) {
  const verdicts = []
  for (const given of [{}, { identities }]) {
    const tools = { ...deps, ...given }
    for (const { faults, uncovered } of [await verifyRecordings(tools, recording), await auditStore(tools)])
      verdicts.push({
        faults: faults.filter(one => one.recording === recording).map(({ kind }) => kind),
        uncovered: uncovered.filter(one => one.recording === recording),
      })
  }
  return verdicts
}

t.test('verify and audit find that a part of a killed service was cut to its header', async t => {
  const { house, id, path } = await leftPart(t)
  for (const { faults } of await verdictsOn(house, id)) t.strictSame(faults, [], 'as the service left it')
  const source = await house.deps.store.open((await partsOf(house, id))[0]!.object)
  const { length } = await readHeader(source)
  await source.close()
  await truncate(path, length)
  for (const { faults } of await verdictsOn(house, id)) t.strictSame(faults, ['container-cut'])
})

t.test('verify and audit find a part that was forged with identity and key', async t => {
  const { house, id, part, key, path } = await leftPart(t)
  const { store, keyStore, recipients } = house.deps
  const source = await store.open(part.object)
  const opened = await openPart(source, await keyStore.get(key), house.identities)
  const sealer = createPartSealer(opened.info, recipients)
  const forged = [sealer.begin(opened.info.startedAt)]
  for await (const block of opened.blocks())
    forged.push(...sealer.seal({ ...block, bytes: Buffer.alloc(block.bytes.length, 0x55) }))
  opened.close()
  await source.close()
  await writeFile(path, Buffer.concat(forged.flatMap(({ pieces }) => pieces)))
  await keyStore.destroy(key)
  await keyStore.put(key, sealer.wrappedKey)
  for (const { faults } of await verdictsOn(house, id)) t.strictSame(faults, ['hash-differs'])
})

t.test('verify and audit report bytes that no hash covers, and the next service covers them', async t => {
  const { house, call, id, part, path, recorder, pipes } = await leftPart(t, 3)
  const whole = await readFile(path)
  const bytes = whole.length - Number(part.bytes)
  t.ok(Number(part.bytes) > BLOCK_BYTES && bytes > 2 * BLOCK_BYTES, 'hashes cover only the first blocks')
  for (const { faults, uncovered } of await verdictsOn(house, id)) {
    t.strictSame(faults, [])
    const seconds = Math.round(bytes / 16_000)
    t.strictSame(uncovered, [{ where: part.object, recording: id, bytes, seconds, running: true }])
  }

  await recorder.start()
  const progress = async () => {
    const events = await readRecordingEvents(house, call)
    return events.filter(({ type, data }) => type === 'recording.progress' && data['part'] === part.id)
  }
  await until(async () => (await progress()).length > 0)
  t.match(
    await progress(),
    exactly({ data: { bytes: whole.length } }),
    'one event covers all, to the end of the last record',
  )
  for (const pipe of pipes) await pipe.close()
  await recorder.end()
  await until(async () => (await readRecordingRows(house, call))[0]?.state === 'finished')
  for (const verdict of await verdictsOn(house, id)) t.strictSame(verdict, { faults: [], uncovered: [] })

  await truncate(path, whole.length - 1)
  for (const { faults } of await verdictsOn(house, id)) t.strictSame(faults, ['container-cut'])
  const changed = Buffer.from(whole)
  changed[whole.length - 1]! ^= 1
  await writeFile(path, changed)
  for (const { faults } of await verdictsOn(house, id)) t.ok(faults.includes('hash-differs'))
})
