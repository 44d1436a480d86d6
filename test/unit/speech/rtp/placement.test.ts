// Real: the placement of packets, which is pure. Fake: the packets.
import fc from 'fast-check'
import t from 'tap'
import { type AudioPacket, Placement } from '../../../../src/speech/rtp/receiver.js'

const SIZE = 160
const SOURCE = 0xfeedf00d

/** The n-th packet of a stream; all its samples are n + 1. */
const packet = (n: number, first = { sequence: 0, timestamp: 0 }): AudioPacket => ({
  source: SOURCE,
  sequence: (first.sequence + n) & 0xffff,
  timestamp: (first.timestamp + n * SIZE) >>> 0,
  samples: new Int16Array(SIZE).fill(n + 1),
})

/** Places packets. @returns the value of each 20 ms, and the counts */
function place(packets: readonly AudioPacket[]) {
  const heard: number[] = []
  const placement = new Placement((samples, position) => {
    for (const [i, sample] of samples.entries()) heard[position + i] = sample
  })
  for (const one of packets) placement.push(one)
  const blocks: number[] = []
  for (let at = 0; at < heard.length; at += SIZE) {
    const block = new Set(heard.slice(at, at + SIZE))
    if (block.size !== 1) throw new Error('a packet is in pieces')
    blocks.push(...block)
  }
  return { blocks, counts: placement.counts }
}
const inOrder = (count: number, first?: { sequence: number; timestamp: number }) =>
  Array.from({ length: count }, (_, n) => packet(n, first))
const numbers = (count: number) => Array.from({ length: count }, (_, n) => n + 1)

t.test('packets in order are placed one after the other, also where their numbers wrap', async t => {
  t.strictSame(place(inOrder(10)).blocks, numbers(10))
  const { blocks, counts } = place(inOrder(10, { sequence: 65_533, timestamp: 0xffff_ff80 }))
  t.strictSame(blocks, numbers(10))
  t.match(counts, { placed: 10, filled: 0, late: 0, duplicate: 0, restarted: 0, stray: 0 })
})

t.test('packets that change places within 60 ms are put in order', async t => {
  const sent = inOrder(12)
  const order = [0, 1, 3, 2, 6, 5, 4, 7, 9, 10, 11, 8]
  const { blocks, counts } = place(order.map(n => sent[n]!))
  t.strictSame(blocks, numbers(12))
  t.match(counts, { placed: 12, filled: 0 })
})

t.test('silence takes the place of what is lost, and a late packet does not change it', async t => {
  const sent = inOrder(12)
  const { blocks, counts } = place([
    ...[0, 1, 3, 4, 5, 6, 7, 2, 8, 11].map(n => sent[n]!),
    packet(12),
    packet(13),
    packet(14),
  ])
  t.strictSame(blocks, [1, 2, 0, 4, 5, 6, 7, 8, 9, 0, 0, 12, 13, 14, 15])
  t.match(counts, { late: 1, duplicate: 0, filled: 3 * SIZE })
})

t.test('a packet that comes twice is placed once', async t => {
  const sent = inOrder(6)
  const { blocks, counts } = place([0, 1, 1, 2, 4, 4, 3, 3, 5, 0].map(n => sent[n]!))
  t.strictSame(blocks, numbers(6))
  t.match(counts, { placed: 6, duplicate: 4, late: 0 })
})

t.test('packets of another source are left out', async t => {
  const sent = inOrder(6)
  const other = { ...packet(2), source: 1 }
  const { blocks, counts } = place([...sent.slice(0, 3), other, ...sent.slice(3)])
  t.strictSame(blocks, numbers(6))
  t.match(counts, { placed: 6, foreign: 1 })
  const before = place([other, ...sent])
  t.strictSame(before.blocks, numbers(6), 'also if it comes first')
})

t.test('a single packet with numbers far away is left out', async t => {
  const sent = inOrder(6)
  const stray = { ...packet(3), sequence: 30_000, timestamp: 0x7fff_0000 }
  const { blocks, counts } = place([...sent.slice(0, 3), stray, ...sent.slice(3)])
  t.strictSame(blocks, numbers(6))
  t.match(counts, { placed: 6, stray: 1, restarted: 0 })
})

t.test('a sender that counts again is followed without a gap', async t => {
  const anew = inOrder(4, { sequence: 40_000, timestamp: 5 }).map(one => ({
    ...one,
    samples: one.samples.map(sample => sample + 100),
  }))
  const { blocks, counts } = place([...inOrder(3), ...anew])
  t.strictSame(blocks, [1, 2, 3, 102, 103, 104], 'the first packet raises the doubt')
  t.match(counts, { restarted: 1, stray: 1 })
  const jumped = [3, 4, 5].map(n => ({ ...packet(n), timestamp: (packet(n).timestamp - 640) >>> 0 }))
  t.strictSame(place([...inOrder(3), ...jumped]).blocks, numbers(6), 'timestamps alone that go back')
  const ahead = [3, 4, 5].map(n => ({ ...packet(n), timestamp: packet(n).timestamp + 320 }))
  t.strictSame(place([...inOrder(3), ...ahead]).blocks, [1, 2, 3, 0, 0, 4, 5, 6], 'a pause of the sender')
})

t.test('whatever comes, samples are gapless, and each packet is placed at most once', async t => {
  const any = fc.record({
    source: fc.constantFrom(SOURCE, SOURCE, SOURCE, 2),
    sequence: fc.oneof(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 0, max: 65_535 })),
    timestamp: fc.oneof(
      fc.integer({ min: 0, max: 12 }).map(n => n * SIZE),
      fc.integer({ min: 0, max: 0xffff_ffff }),
    ),
  })
  const check = fc.property(fc.array(any, { maxLength: 60 }), packets => {
    let next = 0
    let gapless = true
    const placement = new Placement((samples, position) => {
      gapless &&= position === next
      next += samples.length
    })
    for (const one of packets) placement.push({ ...one, samples: new Int16Array(SIZE) })
    const { placed, filled } = placement.counts
    return gapless && placed <= packets.length && next === placed * SIZE + filled && filled <= placed * 16_000
  })
  t.doesNotThrow(() => fc.assert(check, { numRuns: 500 }))
})
