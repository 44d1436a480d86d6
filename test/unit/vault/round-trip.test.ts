// Real: the cryptography. Fake: the storage; the container is in memory.
import { createHash, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'
import { type AudioBlock, type Leg, sampleBytes } from '../../../src/core/audio.js'
import { codeOf } from '../../../src/core/errors.js'
import { openPart } from '../../../src/vault/crypto/part-opener.js'
import { createPartSealer } from '../../../src/vault/crypto/part-sealer.js'
import {
  block,
  describe,
  keyPair,
  partInfo,
  release,
  STARTED,
  sealPart,
  smallTalk,
  sourceOf,
} from './fixture.js'

const { recipients, identities } = keyPair()

/** Blocks of both legs in any order, with gaps, of up to two segments each. */
const talk = (width: number) =>
  fc
    .array(
      fc.record({
        leg: fc.constantFrom<Leg>('caller', 'agent'),
        gap: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.nat(200_000)),
        samples: fc.oneof({ weight: 4, arbitrary: fc.integer({ min: 1, max: 300 }) }, fc.nat(170_000)),
      }),
      { maxLength: 25 },
    )
    .map(steps => {
      const ends = { caller: 0, agent: 0 }
      return steps.map(({ leg, gap, samples }): AudioBlock => {
        const sample = ends[leg] + gap
        ends[leg] = sample + samples
        return block(leg, sample, randomBytes(samples * width))
      })
    })

/** The pieces of a block on both sides of the segments' ends, which are 80,000 samples apart. This is an oracle of its own. */
const piecesOf = (whole: AudioBlock, width: number): AudioBlock[] => {
  const samples = whole.bytes.length / width
  const ends = Array.from({ length: 60 }, (_, i) => i * 80_000)
  const cuts = [0, ...ends.map(end => end - whole.sample).filter(at => at > 0 && at < samples), samples]
  return cuts.slice(1).flatMap((end, i) => {
    const bytes = whole.bytes.subarray(cuts[i]! * width, end * width)
    return bytes.length > 0 ? [{ ...whole, sample: whole.sample + cuts[i]!, bytes }] : []
  })
}

t.test('opening returns the sealed blocks in every codec', async t => {
  let pieceCount = 0
  const cases = fc
    .constantFrom('alaw' as const, 'ulaw' as const, 'slin' as const)
    .chain(codec => talk(sampleBytes(codec)).map(blocks => ({ codec, blocks })))
  await t.resolves(
    fc.assert(
      fc.asyncProperty(cases, async ({ codec, blocks }) => {
        const sealed = sealPart(partInfo({ codec }), recipients, blocks)
        const opened = await release(sealed.bytes, sealed.wrappedKey, identities)
        const pieces = blocks.flatMap(block => piecesOf(block, sampleBytes(codec)))
        pieceCount += pieces.length
        return opened.complete && describe(opened.blocks).join() === describe(pieces).join()
      }),
      { numRuns: 120 },
    ),
  )
  t.ok(pieceCount > 200, `${pieceCount} pieces`)
})

t.test('playback from a segment returns all blocks of that and later segments', async t => {
  let skipped = 0
  let played = 0
  await t.resolves(
    fc.assert(
      fc.asyncProperty(talk(1), fc.nat(4), async (blocks, from) => {
        const sealed = sealPart(partInfo(), recipients, blocks)
        const opened = await release(sealed.bytes, sealed.wrappedKey, identities, from)
        const all = blocks.flatMap(block => piecesOf(block, 1))
        const pieces = all.filter(({ sample }) => sample >= from * 80_000)
        skipped += all.length - pieces.length
        played += pieces.length
        return opened.complete && describe(opened.blocks).join() === describe(pieces).join()
      }),
      { numRuns: 40 },
    ),
  )
  t.ok(skipped > 20 && played > 20, `${skipped} pieces skipped, ${played} played`)
})

t.test('an empty block has no effect', async t => {
  const blocks = [block('caller', 0, randomBytes(20)), block('caller', 100_000, randomBytes(0))]
  const sealed = sealPart(partInfo(), recipients, blocks)
  const opened = await release(sealed.bytes, sealed.wrappedKey, identities)
  t.ok(opened.complete)
  t.strictSame(describe(opened.blocks), describe(blocks.slice(0, 1)))
})

t.test('progress describes the bytes sealed so far', async t => {
  const sealer = createPartSealer(partInfo(), recipients)
  let bytes = Buffer.concat(sealer.begin(STARTED).pieces)
  let chunks = 0
  for (const talk of smallTalk()) {
    const made = sealer.seal(talk)
    chunks += made.length
    bytes = Buffer.concat([bytes, ...made.flatMap(({ pieces }) => pieces)])
    const hash = createHash('sha256').update(bytes).digest('hex')
    t.match(sealer.progress, { chunks, bytes: bytes.length, hash })
  }
  t.equal(sealer.progress.samples, 80_013)
})

t.test('a part opens for each recipient of its purpose, and for no other', async t => {
  const second = keyPair()
  const marketing = keyPair('marketing')
  const all = [...recipients, ...second.recipients, ...marketing.recipients]
  const sealed = sealPart(partInfo(), all, smallTalk())
  t.ok((await release(sealed.bytes, sealed.wrappedKey, identities)).complete)
  t.ok((await release(sealed.bytes, sealed.wrappedKey, second.identities)).complete)
  t.equal((await release(sealed.bytes, sealed.wrappedKey, marketing.identities)).refused, 'key.missing')
})

t.test('the header identifies the part', async t => {
  const info = partInfo({ line: '+74950000000*#', number: 3, codec: 'slin' })
  const sealed = sealPart(info, recipients, [])
  const opened = await openPart(sourceOf(sealed.bytes), sealed.wrappedKey, identities)
  t.strictSame(opened.info, { ...info, startedAt: STARTED })
})

t.test('the sealer refuses invalid blocks and calls', async t => {
  const refusal = (work: () => unknown) => {
    try {
      work()
    } catch (error) {
      return codeOf(error) ?? (error as Error).message
    }
    return 'none'
  }
  t.equal(
    refusal(() => createPartSealer(partInfo({ purpose: 'training' }), recipients)),
    'key.missing',
  )
  const sealer = createPartSealer(partInfo({ codec: 'slin' }), recipients)
  t.match(
    refusal(() => sealer.seal(block('caller', 0, randomBytes(2)))),
    'before begin',
    'before the header',
  )
  sealer.begin(STARTED)
  sealer.seal(block('caller', 0, randomBytes(20)))
  t.equal(
    refusal(() => sealer.seal(block('caller', 9, randomBytes(2)))),
    'container.invalid',
    'a block before the end of its leg',
  )
  t.equal(
    refusal(() => sealer.seal(block('agent', 0, randomBytes(3)))),
    'container.invalid',
    'half a sample',
  )
  sealer.wipe()
  t.match(
    refusal(() => sealer.seal(block('caller', 10, randomBytes(2)))),
    'after the end',
    'after the wipe',
  )
  t.match(
    refusal(() => sealer.begin(STARTED)),
    'begin was called twice',
    'a second beginning',
  )
})
