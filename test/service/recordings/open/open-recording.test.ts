// Real: cryptography, disk, ffmpeg. Fake: the store; containers are in memory.
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import type { AudioBlock, Codec } from '../../../../src/core/audio.js'
import { codeOf } from '../../../../src/core/errors.js'
import { newPartId } from '../../../../src/core/ids.js'
import { decodeLegs } from '../../../../src/recordings/open/open-recording.js'
import { writeWav } from '../../../../src/recordings/open/write-wav.js'
import type { PartInfo } from '../../../../src/vault/crypto/types.js'
import { none } from '../../../support/assertions/exactly.js'
import { ffmpeg } from '../../../support/processes/ffmpeg.js'
import { block, keyPair, partInfo, type SealedPart, sealPart, sourceOf } from '../../../unit/vault/fixture.js'

const { recipients, identities } = keyPair()
const failure = async (work: Promise<unknown>) => work.then(() => 'none', codeOf)
const seal = (blocks: AudioBlock[], change: Partial<PartInfo> = {}) =>
  sealPart(partInfo(change), recipients, blocks)
const toOpen = ({ bytes, wrappedKey }: SealedPart) => ({ source: sourceOf(bytes), wrappedKey })

/** @returns samples that ffmpeg decodes, 16-bit linear */
const byFfmpeg = (bytes: Buffer, codec: Codec): Buffer => {
  const format = { alaw: 'alaw', ulaw: 'mulaw', slin: 's16le' }[codec]
  const from = ['-f', format, '-ar', '8000', '-ac', '1', '-i', '-']
  return execFileSync(ffmpeg, ['-v', 'error', ...from, '-f', 's16le', '-'], { input: bytes })
}

t.test('a WAV has the caller on the left and the agent on the right', async t => {
  for (const codec of ['alaw', 'ulaw', 'slin'] as const) {
    const width = codec === 'slin' ? 2 : 1
    const everyByte = Buffer.from(Array.from({ length: 256 }, (_, i) => i))
    const caller = Buffer.concat([everyByte, randomBytes(100_000 * width)])
    const agent = Buffer.concat([everyByte.toReversed(), randomBytes(100_000 * width)])
    // The whole caller's leg comes first, because the legs of a container need not be in step.
    const sealed = seal([block('caller', 0, caller), block('agent', 0, agent)], { codec })
    const path = join(t.testdir({}), `${codec}.wav`)
    const result = await writeWav([toOpen(sealed)], identities, path)
    t.match(result, { seconds: caller.length / width / 8000, complete: true, holes: none, ended: true })
    for (const [channel, coded] of [caller, agent].entries()) {
      const pan = ['-af', `pan=mono|c0=c${channel}`, '-f', 's16le', '-']
      const heard = execFileSync(ffmpeg, ['-v', 'error', '-i', path, ...pan])
      t.ok(heard.equals(byFfmpeg(coded, codec)), `${codec}, channel ${channel}`)
    }
    t.strictSame(await readdir(join(path, '..')), [`${codec}.wav`], 'nothing unfinished is left')
  }
})

t.test('gaps are silence, and the shorter leg is filled with silence', async t => {
  const loud = Buffer.alloc(1000, 0x2a)
  const sealed = seal([
    block('caller', 500, loud),
    block('agent', 90_000, loud),
    block('caller', 79_900, loud),
  ])
  const { caller, agent, seconds } = await decodeLegs([toOpen(sealed)], identities)
  t.equal(seconds, 91_000 / 8000)
  t.equal(caller.length, agent.length)
  const loudAt = (leg: Int16Array) => [...leg.keys()].filter(i => leg[i] !== 0)
  t.strictSame([loudAt(caller).length, loudAt(caller)[0], loudAt(caller).at(-1)], [2000, 500, 80_899])
  t.strictSame([loudAt(agent).length, loudAt(agent)[0]], [1000, 90_000])
})

t.test(
  'a later part has positions of the tap, and audio that was sealed twice after a crash is heard once',
  async t => {
    const loud = Buffer.alloc(800, 0x2a)
    const info = partInfo()
    const first = sealPart(info, recipients, [block('caller', 0, loud), block('agent', 0, loud)])
    const next = (sample: number) =>
      sealPart({ ...info, part: newPartId(), number: 2 }, recipients, [block('agent', sample, loud)])
    const agentOf = async (...parts: SealedPart[]) => {
      const { agent } = await decodeLegs(parts.map(toOpen), identities)
      return [agent.length, agent.filter(value => value !== 0).length]
    }
    t.strictSame(await agentOf(first, next(8000)), [8800, 1600], 'the tap ran on')
    t.strictSame(await agentOf(first, next(400)), [1200, 1200], 'the second part repeats half of the first')
  },
)

t.test('a container that was cut opens up to its last whole chunk and is reported as incomplete', async t => {
  const spoken = randomBytes(300)
  const sealed = seal([block('caller', 0, spoken), block('caller', 300, spoken)], { codec: 'ulaw' })
  const cut = {
    ...sealed,
    bytes: sealed.bytes.subarray(0, sealed.header.length + sealed.records[0]!.length + 20),
  }
  const { caller, complete } = await decodeLegs([toOpen(cut)], identities)
  t.notOk(complete)
  t.equal(caller.length, 300)
  t.ok(Buffer.from(caller.buffer).equals(byFfmpeg(spoken, 'ulaw')))
})

t.test('a recording with a part without totals is complete if the next part joins on both legs', async t => {
  const spoken = randomBytes(300)
  const info = partInfo()
  const first = sealPart(info, recipients, [block('caller', 0, spoken), block('agent', 0, spoken)])
  // A killed service leaves all audio, without the end of the segment and the totals.
  const killed = { ...first, bytes: Buffer.concat([first.header, ...first.records.slice(0, 2)]) }
  const next = (caller: number, agent: number) =>
    sealPart({ ...info, part: newPartId(), number: 2 }, recipients, [
      block('caller', caller, spoken),
      block('agent', agent, spoken),
    ])
  const wholeness = async (...parts: SealedPart[]) => {
    const { complete, holes, ended } = await decodeLegs(parts.map(toOpen), identities)
    return { complete, holes, ended }
  }
  t.strictSame(await wholeness(killed), { complete: false, holes: [], ended: false })
  t.strictSame(await wholeness(killed, next(300, 300)), { complete: true, holes: [], ended: true })
  t.strictSame(await wholeness(killed, next(0, 120)), { complete: true, holes: [], ended: true })
  t.strictSame(await wholeness(killed, next(300, 400)), {
    complete: false,
    holes: [{ leg: 'agent', from: 300, to: 400, before: 2 }],
    ended: true,
  })
})

t.test(
  '`ready` is called when the file can be written and the keys fit, before any audio is written',
  async t => {
    const sealed = seal([block('caller', 0, randomBytes(400))])
    const folder = t.testdir({ taken: {}, file: '' })
    const path = (name: string) => join(folder, name)
    let told = 0
    const ready = async () => void told++
    const failing = async (name: string, keys = identities) =>
      failure(writeWav([toOpen(sealed)], keys, path(name), ready))
    t.equal(await failing('taken'), 'store.unwritable')
    t.equal(await failing('nowhere/a.wav'), 'store.unwritable')
    t.equal(await failing('file/a.wav'), 'store.unwritable')
    t.equal(await failing('a.wav', keyPair().identities), 'key.missing')
    t.equal(told, 0)
    const refused = writeWav([toOpen(sealed)], identities, path('a.wav'), async () => {
      t.equal((await readFile(path(`a.wav.${process.pid}.unfinished`))).length, 0)
      throw new Error('no')
    })
    await t.rejects(refused, { message: 'no' })
    t.strictSame((await readdir(folder)).sort(), ['file', 'taken'])
    t.equal(await failing('a.wav'), 'none')
    t.equal(told, 1)
  },
)

t.test('a refused part gives no file and no sample, and leaves an older file unchanged', async t => {
  const folder = t.testdir({ 'old.wav': 'older' })
  const path = join(folder, 'old.wav')
  const sealed = seal([block('caller', 0, randomBytes(400)), block('agent', 0, randomBytes(400))])
  const forged = { ...sealed, bytes: Buffer.from(sealed.bytes) }
  // The fault is in the totals, which are read after every sample.
  forged.bytes[forged.bytes.length - 10]! ^= 1
  t.equal(await failure(writeWav([toOpen(forged)], identities, path)), 'container.invalid')
  t.equal(await failure(writeWav([toOpen(sealed)], keyPair().identities, path)), 'key.missing')
  const second = sealPart({ ...sealed.info, part: newPartId(), number: 2 }, recipients, [])
  const swappedKey = { ...second, wrappedKey: sealed.wrappedKey }
  t.equal(await failure(writeWav([toOpen(sealed), toOpen(swappedKey)], identities, path)), 'key.refused')
  t.strictSame(await readdir(folder), ['old.wav'])
  t.equal(await readFile(path, 'utf8'), 'older')
})

t.test('parts of two recordings, or in wrong order, are refused', async t => {
  const first = seal([block('caller', 0, randomBytes(40))])
  const second = sealPart({ ...first.info, part: newPartId(), number: 2 }, recipients, [])
  const other = seal([], { number: 2 })
  t.equal(await failure(decodeLegs([toOpen(first), toOpen(other)], identities)), 'container.invalid')
  t.equal(await failure(decodeLegs([toOpen(second), toOpen(first)], identities)), 'container.invalid')
  t.equal(await failure(decodeLegs([toOpen(first), toOpen(first)], identities)), 'container.invalid')
  t.ok((await decodeLegs([toOpen(first), toOpen(second)], identities)).complete)
})
