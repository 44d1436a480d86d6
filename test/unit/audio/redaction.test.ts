// Real: the computation. Fake: the blocks and their times.
import fc from 'fast-check'
import t from 'tap'
import { cutRedacted, type RedactedSpan, Redaction } from '../../../src/audio/redaction.js'
import { BLOCK, block, exact, positions } from '../../support/fakes/asterisk-blocks.js'

t.test('the audio outside the spans is kept of a block of four seconds that arrives at 4,096 ms', async t => {
  const cases: [string, RedactedSpan[], [number, number][]][] = [
    ['no span', [], [[0, 32_768]]],
    ['a span that comes later', [{ from: 4_097, margin: 250 }], [[0, 32_768]]],
    ['everything after two seconds', [{ from: 2_000, margin: 0 }], [[0, 16_000]]],
    ['everything after two seconds, with a margin', [{ from: 2_000, margin: 250 }], [[0, 14_000]]],
    ['a span from before the block on', [{ from: -500, margin: 0 }], []],
    ['a span from its arrival on, with a margin', [{ from: 4_096, margin: 250 }], [[0, 30_768]]],
    [
      'a span within the block',
      [{ from: 1_000, until: 2_000, margin: 250 }],
      [
        [0, 6_000],
        [18_000, 32_768],
      ],
    ],
    ['a span that ends in the block', [{ from: -9_000, until: 2_000, margin: 250 }], [[18_000, 32_768]]],
    [
      'a span that ended just before the block',
      [{ from: -9_000, until: -100, margin: 250 }],
      [[1_200, 32_768]],
    ],
    ['a span that ended long before the block', [{ from: -9_000, until: -300, margin: 250 }], [[0, 32_768]]],
    [
      'a span with another margin after it',
      [{ from: 1_000, until: 2_000, margin: 250, marginAfter: 150 }],
      [
        [0, 6_000],
        [17_200, 32_768],
      ],
    ],
    ['a span that ends after the block', [{ from: 2_000, until: 4_097, margin: 250 }], [[0, 14_000]]],
    [
      'two spans',
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
  for (const [name, redacted, expected] of cases)
    t.strictSame(positions(cutRedacted(block(0, 4_096), exact(0), redacted)), expected, name)
})

t.test('of one side nothing is kept while the other is whole, and a pause in between cuts both', async t => {
  const redaction = new Redaction(0)
  const kept = { caller: [] as number[][], agent: [] as number[][] }
  const write = (from: number) => {
    for (const leg of ['caller', 'agent'] as const) {
      const pieces = redaction.cut({ ...block(from * BLOCK, (from + 1) * 4_096), leg })
      kept[leg].push(...positions(pieces))
    }
  }
  redaction.pause(2_000, 'own-side')
  t.strictSame([redaction.omits('caller'), redaction.omits('agent')], [false, true])
  write(0)
  redaction.resume(5_000, 'own-side')
  redaction.pause(5_000, 'agent')
  t.ok(redaction.omits('caller'))
  redaction.resume(6_000, 'timeout')
  redaction.pause(6_000, 'own-side')
  write(1)
  redaction.resume(10_000, 'own-side')
  t.notOk(redaction.omits('agent'))
  write(2)
  t.strictSame(kept, {
    caller: [
      [0, BLOCK],
      [BLOCK, 4_750 * 8],
      [6_250 * 8, 2 * BLOCK],
      [2 * BLOCK, 3 * BLOCK],
    ],
    agent: [
      [0, 1_750 * 8],
      [10_250 * 8, 3 * BLOCK],
    ],
  })
})

t.test('a pause that somebody ends has a shorter margin after it than one that ends by itself', async t => {
  const ends = { agent: 2_150, api: 2_150, timeout: 2_250, party: 2_250 } as const
  for (const [by, heardFrom] of Object.entries(ends) as [keyof typeof ends, number][]) {
    const redaction = new Redaction(0)
    redaction.pause(1_000, by === 'party' ? 'party' : 'agent')
    redaction.resume(2_000, by)
    t.strictSame(positions(redaction.cut(block(0, 4_096))).at(-1), [heardFrom * 8, BLOCK], by)
  }
})

t.test('a piece has its own bytes and the arrival time of its last sample', async t => {
  const [first, second] = cutRedacted(block(800, 5_000), exact(904), [
    { from: 2_000, until: 2_500, margin: 0 },
  ])
  t.strictSame([first!.sample, first!.bytes.length, first!.arrivedAt], [800, 8_768, 2_000])
  t.equal(second!.arrivedAt, 5_000)
  t.equal(second!.bytes[0], second!.sample % 251)
})

t.test('no piece of a block is kept if its beginning is unknown and it may belong to a span', async t => {
  t.strictSame(cutRedacted(block(0, 4_096), undefined, [{ from: -9_000, until: 1, margin: 0 }]), [])
  t.strictSame(cutRedacted(block(0, 4_096), undefined, [{ from: 2_000, until: 2_500, margin: 0 }]), [])
  t.strictSame(positions(cutRedacted(block(0, 4_096), undefined, [{ from: 5_000, margin: 0 }])), [
    [0, 32_768],
  ])
})

t.test(
  'a block with more samples than time is cut from the earlier start to the later end of two estimates',
  async t => {
    // 4,096 ms of samples in 3,096 ms: the PBX inserted a second of silence at an unknown position.
    const kept = cutRedacted(block(0, 3_096), exact(0), [{ from: 1_000, until: 2_000, margin: 0 }])
    t.strictSame(positions(kept), [
      [0, 8_000],
      [24_000, 32_768],
    ])
  },
)

/** When each ms of a leg was spoken, ms; -1 for silence that the PBX inserted. */
type SpokenAt = number[]

/** Whether no audio of a span is kept of a leg whose blocks arrive up to the margin late. */
function cutsAll(
  spokenAt: SpokenAt,
  writtenAt: number[],
  delays: number[],
  span: RedactedSpan & { until: number },
): boolean {
  let before = 0
  for (let sample = 0, i = 0; sample < spokenAt.length * 8; sample += BLOCK, i++) {
    const size = Math.min(BLOCK, spokenAt.length * 8 - sample)
    const written = writtenAt[(sample + size) / 8 - 1]! + 1
    const arrivedAt = Math.max(before, written + delays[i % delays.length]!)
    for (const [start, stop] of positions(
      cutRedacted(block(sample, arrivedAt, size), exact(before), [span]),
    )) {
      for (let at = start!; at < stop!; at += 8) {
        const moment = spokenAt[Math.floor(at / 8)]!
        if (moment >= span.from && moment < span.until) return false
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

t.test('no audio of a span is kept, for any silences in which nothing is written', async t => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.record({ runs, ...times }), ({ runs, delays, from, length }) => {
        const spokenAt: SpokenAt = []
        let now = 0
        for (const { talk, pause } of runs) {
          for (let i = 0; i < talk; i++) spokenAt.push(now++)
          now += pause
        }
        return cutsAll(spokenAt, spokenAt, delays, { from, until: from + length, margin: 250 })
      }),
      { numRuns: 300 },
    ),
  )
})

/** A leg in which packets sometimes are up to `most` ms late, and then come all at once. */
function withLatePackets(
  runs: { talk: number; pause: number }[],
  most: number,
): { spokenAt: SpokenAt; written: number[] } {
  const spokenAt: SpokenAt = []
  const written: number[] = []
  const write = (moment: number, at: number) => {
    spokenAt.push(moment)
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
  return { spokenAt, written }
}

t.test(
  'no audio after the start of a pause is kept if packets come late, behind inserted silence',
  async t => {
    t.doesNotThrow(() =>
      fc.assert(
        fc.property(fc.record({ runs, ...times }), ({ runs, delays, from }) => {
          const { spokenAt, written } = withLatePackets(runs, 1_000)
          return cutsAll(spokenAt, written, delays, { from, until: Number.POSITIVE_INFINITY, margin: 250 })
        }),
        { numRuns: 300 },
      ),
    )
  },
)

t.test(
  'no audio of a span is kept around its end if packets and blocks together are no later than the margin',
  async t => {
    t.doesNotThrow(() =>
      fc.assert(
        fc.property(fc.record({ runs, ...times }), ({ runs, delays, from, length }) => {
          const { spokenAt, written } = withLatePackets(runs, 125)
          const half = delays.map(delay => delay >> 1)
          return cutsAll(spokenAt, written, half, { from, until: from + length, margin: 250 })
        }),
        { numRuns: 300 },
      ),
    )
  },
)
