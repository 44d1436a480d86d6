// Real: the count. Fake: the clock, and the blocks that come by it.
import t from 'tap'
import { KeeperLoss } from '../../../src/recording/keeper-loss.js'
import type { Leg } from '../../../src/shared/audio.js'
import { FakeClock } from '../../support/fake-clock.js'

const BLOCK = 32_768
const BLOCK_MS = 4_096

/** Says on which leg how much was found to be missing. */
function counted(act: (count: KeeperLoss, clock: FakeClock) => void): [Leg, number][] {
  const told: [Leg, number][] = []
  const clock = new FakeClock()
  const count = new KeeperLoss(clock, (leg, samples) => told.push([leg, samples]))
  act(count, clock)
  clock.pass(60_000)
  return told
}

t.test('a block that did not come is counted, on its leg', async t => {
  const told = counted((count, clock) => {
    count.block('caller', BLOCK)
    count.block('agent', BLOCK)
    count.keeperDied({ caller: 0, agent: 0 })
    clock.pass(BLOCK_MS)
    count.block('agent', BLOCK)
    clock.pass(BLOCK_MS)
    count.block('caller', BLOCK)
  })
  t.strictSame(told, [['caller', BLOCK]])
})

t.test('a block in pieces is one', async t => {
  const told = counted((count, clock) => {
    count.block('caller', BLOCK)
    count.keeperDied({ caller: 0, agent: 0 })
    clock.pass(BLOCK_MS)
    count.block('caller', 100)
    clock.pass(5)
    count.block('caller', BLOCK - 100)
  })
  t.strictSame(told, [])
})

t.test('keepers that die one after another are counted together', async t => {
  const told = counted((count, clock) => {
    count.block('caller', BLOCK)
    count.keeperDied({ caller: 0, agent: 0 })
    clock.pass(BLOCK_MS)
    count.keeperDied({ caller: 0, agent: 0 })
    clock.pass(2 * BLOCK_MS)
    count.block('caller', BLOCK)
  })
  t.strictSame(told, [['caller', 2 * BLOCK]])
})

t.test('before the first block nothing is known; at the end it is counted at once', async t => {
  t.strictSame(
    counted((count, clock) => {
      count.keeperDied({ caller: 0, agent: 0 })
      clock.pass(3 * BLOCK_MS)
      count.block('caller', BLOCK)
    }),
    [],
  )
  t.strictSame(
    counted((count, clock) => {
      count.block('caller', BLOCK)
      count.keeperDied({ caller: 0, agent: 0 })
      clock.pass(3 * BLOCK_MS)
      count.block('caller', BLOCK)
      count.countNow()
    }),
    [['caller', 2 * BLOCK]],
  )
})
