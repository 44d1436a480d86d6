// Positions and times alone; nothing is real.
import fc from 'fast-check'
import t from 'tap'
import { cutRedacted, type RedactedSpan } from '../../../src/recording/redaction.js'
import type { AudioBlock } from '../../../src/shared/audio.js'

/** Blocks of one leg as Asterisk writes them: each arrives with its last sample, or a little later. */
const BLOCK = 32_768
const block = (sample: number, arrivedAt: number, length = BLOCK): AudioBlock => ({
  leg: 'caller',
  sample,
  arrivedAt,
  bytes: new Uint8Array(length).map((_, i) => (sample + i) % 251),
})
const spans = (pieces: AudioBlock[]) => pieces.map(({ sample, bytes }) => [sample, sample + bytes.length])

t.test('what is kept of a block of four seconds that arrives at 4,096', async t => {
  const cases: [string, RedactedSpan[], [number, number][]][] = [
    ['nothing is hushed', [], [[0, 32_768]]],
    ['a hush that comes later', [{ from: 4_097, margin: 250 }], [[0, 32_768]]],
    ['all after two seconds', [{ from: 2_000, margin: 0 }], [[0, 16_000]]],
    ['and a margin', [{ from: 2_000, margin: 250 }], [[0, 14_000]]],
    ['a hush from before it on', [{ from: -500, margin: 0 }], []],
    ['a hush from its arrival on, with a margin', [{ from: 4_096, margin: 250 }], [[0, 30_768]]],
    [
      'a hush within it',
      [{ from: 1_000, until: 2_000, margin: 250 }],
      [
        [0, 6_000],
        [18_000, 32_768],
      ],
    ],
    ['a hush that ends in it', [{ from: -9_000, until: 2_000, margin: 250 }], [[18_000, 32_768]]],
    ['one that ended just before it', [{ from: -9_000, until: -100, margin: 250 }], [[1_200, 32_768]]],
    ['one that ended long before it', [{ from: -9_000, until: -300, margin: 250 }], [[0, 32_768]]],
    ['one that ends after it', [{ from: 2_000, until: 4_097, margin: 250 }], [[0, 14_000]]],
    [
      'two hushes',
      [
        { from: 500, until: 1_000, margin: 0 },
        { from: 3_000, margin: 0 },
      ],
      [
        [0, 4_000],
        [8_000, 24_000],
      ],
    ],
  ]
  for (const [what, hushes, expected] of cases)
    t.strictSame(spans(cutRedacted(block(0, 4_096), 0, hushes)), expected, what)
})

t.test('a piece has its own bytes, and the arrival of its own last sample', async t => {
  const [first, second] = cutRedacted(block(800, 5_000), 904, [{ from: 2_000, until: 2_500, margin: 0 }])
  t.strictSame([first!.sample, first!.bytes.length, first!.arrivedAt], [800, 8_768, 2_000])
  t.equal(second!.arrivedAt, 5_000)
  t.equal(second!.bytes[0], second!.sample % 251)
})

t.test('where it is not known when a block began, none of it is kept', async t => {
  t.strictSame(cutRedacted(block(0, 4_096), undefined, [{ from: -9_000, until: 1, margin: 0 }]), [])
  t.strictSame(cutRedacted(block(0, 4_096), undefined, [{ from: 2_000, until: 2_500, margin: 0 }]), [])
  t.strictSame(spans(cutRedacted(block(0, 4_096), undefined, [{ from: 5_000, margin: 0 }])), [[0, 32_768]])
})

t.test(
  'a block with more samples than time: the hush may begin as early and end as late as either end says',
  async t => {
    // 4,096 ms of samples in 3,096 ms: a second of silence was put in, nobody knows where.
    const kept = cutRedacted(block(0, 3_096), 0, [{ from: 1_000, until: 2_000, margin: 0 }])
    t.strictSame(spans(kept), [
      [0, 8_000],
      [24_000, 32_768],
    ])
  },
)

/** Where in time each ms of a leg was said; -1 for silence that nobody said. */
type Said = number[]

/** Whether nothing said in a hush is kept of a leg whose blocks arrive up to the margin late. */
function holds(
  said: Said,
  writtenAt: number[],
  delays: number[],
  hush: RedactedSpan & { until: number },
): boolean {
  let before = 0
  for (let sample = 0, i = 0; sample < said.length * 8; sample += BLOCK, i++) {
    const size = Math.min(BLOCK, said.length * 8 - sample)
    const written = writtenAt[(sample + size) / 8 - 1]! + 1
    const arrivedAt = Math.max(before, written + delays[i % delays.length]!)
    for (const [start, stop] of spans(cutRedacted(block(sample, arrivedAt, size), before, [hush]))) {
      for (let at = start!; at < stop!; at += 8) {
        const moment = said[Math.floor(at / 8)]!
        if (moment >= hush.from && moment < hush.until) return false
      }
    }
    before = arrivedAt
  }
  return true
}

const times = {
  delays: fc.array(fc.integer({ min: 0, max: 250 }), { minLength: 20, maxLength: 20 }),
  from: fc.integer({ min: 0, max: 60_000 }),
  length: fc.integer({ min: 0, max: 30_000 }),
}
const runs = fc.array(
  fc.record({ talk: fc.integer({ min: 100, max: 9_000 }), pause: fc.integer({ min: 0, max: 8_000 }) }),
  { minLength: 1, maxLength: 6 },
)

t.test('whatever the silences in which nothing is written, nothing said in a hush is kept', async t => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.record({ runs, ...times }), ({ runs, delays, from, length }) => {
        const said: Said = []
        let now = 0
        for (const { talk, pause } of runs) {
          for (let i = 0; i < talk; i++) said.push(now++)
          now += pause
        }
        return holds(said, said, delays, { from, until: from + length, margin: 250 })
      }),
      { numRuns: 300 },
    ),
  )
})

/** A leg in which now and then nothing comes for up to `most` ms, and then all of it at once. */
function withLatePackets(
  runs: { talk: number; pause: number }[],
  most: number,
): { said: Said; written: number[] } {
  const said: Said = []
  const written: number[] = []
  const write = (moment: number, at: number) => {
    said.push(moment)
    written.push(at)
  }
  let now = 0
  for (const { talk, pause } of runs) {
    for (let i = 0; i < talk; i++, now++) write(now, now)
    const late = Math.min(pause, most)
    for (let i = 0; i < late; i++) write(-1, now + i)
    for (let i = 0; i < late; i++) write(now + i, now + late)
    now += late
  }
  return { said, written }
}

t.test('nor, once it is paused, where packets come late behind silence put in their place', async t => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.record({ runs, ...times }), ({ runs, delays, from }) => {
        const { said, written } = withLatePackets(runs, 1_000)
        return holds(said, written, delays, { from, until: Number.POSITIVE_INFINITY, margin: 250 })
      }),
      { numRuns: 300 },
    ),
  )
})

t.test('nor around its end, if packets and blocks together are no later than the margin', async t => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.record({ runs, ...times }), ({ runs, delays, from, length }) => {
        const { said, written } = withLatePackets(runs, 125)
        const half = delays.map(delay => delay >> 1)
        return holds(said, written, half, { from, until: from + length, margin: 250 })
      }),
      { numRuns: 300 },
    ),
  )
})
