// Real: the estimate. Fake: the clock and the blocks.
import t from 'tap'
import { KeeperLoss } from '../../../src/audio/keeper-loss.js'
import type { Leg } from '../../../src/core/audio.js'
import { FakeClock } from '../../support/fakes/fake-clock.js'

const BLOCK = 32_768
const BLOCK_MS = 4_096

/** @returns the losses that are reported within a minute after `act`: leg and samples */
function losses(act: (loss: KeeperLoss, clock: FakeClock) => void): [Leg, number][] {
  const reported: [Leg, number][] = []
  const clock = new FakeClock()
  const loss = new KeeperLoss(clock, (leg, samples) => reported.push([leg, samples]))
  act(loss, clock)
  clock.advance(60_000)
  return reported
}

t.test('a block that did not arrive is reported as lost, with its leg', async t => {
  const reported = losses((loss, clock) => {
    loss.block('caller', BLOCK)
    loss.block('agent', BLOCK)
    loss.keeperDied({ caller: 0, agent: 0 })
    clock.advance(BLOCK_MS)
    loss.block('agent', BLOCK)
    clock.advance(BLOCK_MS)
    loss.block('caller', BLOCK)
  })
  t.strictSame(reported, [['caller', BLOCK]])
})

t.test('pieces of one block are counted together', async t => {
  const reported = losses((loss, clock) => {
    loss.block('caller', BLOCK)
    loss.keeperDied({ caller: 0, agent: 0 })
    clock.advance(BLOCK_MS)
    loss.block('caller', 100)
    clock.advance(5)
    loss.block('caller', BLOCK - 100)
  })
  t.strictSame(reported, [])
})

t.test('the losses of keepers that die one after another are reported together', async t => {
  const reported = losses((loss, clock) => {
    loss.block('caller', BLOCK)
    loss.keeperDied({ caller: 0, agent: 0 })
    clock.advance(BLOCK_MS)
    loss.keeperDied({ caller: 0, agent: 0 })
    clock.advance(2 * BLOCK_MS)
    loss.block('caller', BLOCK)
  })
  t.strictSame(reported, [['caller', 2 * BLOCK]])
})

t.test('a keeper that dies before the first block is counted from the start of the tap', async t => {
  const reported = losses((loss, clock) => {
    loss.started()
    clock.advance(BLOCK_MS)
    loss.keeperDied({ caller: 0, agent: 0 })
    clock.advance(BLOCK_MS)
    loss.block('caller', BLOCK)
    loss.block('agent', 2 * BLOCK)
  })
  t.strictSame(reported, [['caller', BLOCK]])
})

t.test('no loss is reported before the tap has begun', async t => {
  t.strictSame(
    losses((loss, clock) => {
      loss.keeperDied({ caller: 0, agent: 0 })
      clock.advance(3 * BLOCK_MS)
      loss.block('caller', BLOCK)
    }),
    [],
  )
})

t.test('the end of the tap reports a loss at once, and only once', async t => {
  const clock = new FakeClock()
  const reported: [Leg, number][] = []
  const loss = new KeeperLoss(clock, (leg, samples) => reported.push([leg, samples]))
  loss.block('caller', BLOCK)
  loss.keeperDied({ caller: 0, agent: 0 })
  clock.advance(3 * BLOCK_MS)
  loss.block('caller', BLOCK)
  t.strictSame(reported, [])
  loss.estimateNow()
  t.strictSame(reported, [['caller', 2 * BLOCK]])
  clock.advance(60_000)
  t.equal(reported.length, 1)
})
