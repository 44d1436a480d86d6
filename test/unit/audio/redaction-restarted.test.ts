// Real: the computation. Fake: the blocks of a tap that is stopped and started again, and their times.
import fc from 'fast-check'
import t from 'tap'
import { Redaction } from '../../../src/audio/redaction.js'
import { BLOCK, block, exact, positions } from '../../support/fakes/asterisk-blocks.js'

t.test('what is kept after a pause is reckoned from the restart of the tap before it', async t => {
  const redaction = new Redaction(0)
  redaction.pause(1_000, 'agent')
  t.strictSame(positions(redaction.cut(block(0, 2_000, 16_000))), [[0, 6_000]])
  redaction.beganAgain({ earliest: 2_100, latest: 2_150 })
  t.equal(redaction.estimatePosition('caller', 16_000, 2_250), 16_800)
  redaction.resume(3_000, 'agent')
  redaction.pause(5_000, 'agent')
  // It has begun at 2,140 ms, which nobody knows.
  t.strictSame(positions(redaction.cut(block(16_000, 2_140 + 4_096))), [
    [16_000 + (3_000 - 2_100 + 150) * 8, 16_000 + (5_000 - 2_150 - 250) * 8],
  ])
})

t.test('a block that came after a restart has told more than that', async t => {
  const redaction = new Redaction(0)
  redaction.pause(1_000, 'agent')
  redaction.cut(block(0, 4_096))
  redaction.resume(5_000, 'agent')
  redaction.beganAgain({ earliest: 2_100, latest: 2_150 })
  t.strictSame(positions(redaction.cut(block(BLOCK, 8_192))), [[5_150 * 8, 2 * BLOCK]])
})

t.test('a tap of an earlier service is known from its restart on', async t => {
  const redaction = new Redaction(undefined)
  redaction.pause(1_000, 'agent')
  redaction.beganAgain(exact(2_000))
  redaction.resume(3_000, 'agent')
  t.strictSame(positions(redaction.cut(block(0, 6_096))), [[1_150 * 8, BLOCK]])
})

/** A tap that is stopped and started again. Each run begins at a moment that is known within bounds. */
const runs = fc.array(
  fc.record({
    talk: fc.integer({ min: 1, max: 9_000 }),
    stopped: fc.integer({ min: 250, max: 2_000 }),
    early: fc.integer({ min: 0, max: 100 }),
    late: fc.integer({ min: 0, max: 100 }),
  }),
  { minLength: 1, maxLength: 6 },
)

const delays = fc.array(fc.integer({ min: 0, max: 250 }), { minLength: 20, maxLength: 20 })
const from = fc.integer({ min: 0, max: 60_000 })
const length = fc.integer({ min: 0, max: 30_000 })

t.test('no audio of a span is kept of a tap that is restarted', async t => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.record({ runs, delays, from, length }), ({ runs, delays, from, length }) => {
        const redaction = new Redaction(0)
        redaction.pause(from, 'party')
        redaction.resume(from + length, 'party')
        let [began, sample, count] = [0, 0, 0]
        for (const { talk, stopped, early, late } of runs) {
          for (let ms = 0; ms < talk; ms += BLOCK / 8, count++) {
            const size = Math.min(BLOCK / 8, talk - ms)
            const arrivedAt = began + ms + size + delays[count % delays.length]!
            for (const [start, stop] of positions(redaction.cut(block(sample, arrivedAt, size * 8)))) {
              const [first, last] = [start!, stop! - 1].map(at => began + ms + (at - sample) / 8)
              if (last! >= from && first! < from + length) return false
            }
            sample += size * 8
          }
          began += talk + stopped + 100
          redaction.beganAgain({ earliest: began - early, latest: began + late })
        }
        return true
      }),
      { numRuns: 300 },
    ),
  )
})
