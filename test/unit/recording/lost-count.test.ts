// Real: the count. Fake: the clock, and the blocks that come by it.
import t from 'tap'
import { LostCount } from '../../../src/recording/lost-count.js'
import { FakeClock } from '../../support/fake-clock.js'

const BLOCK = 32_768
const BLOCK_MS = 4_096

/** Says on which leg how much was found to be missing. */
function counted(act: (count: LostCount, clock: FakeClock) => void): [number, number][] {
  const told: [number, number][] = []
  const clock = new FakeClock()
  const count = new LostCount(clock, (leg, samples) => told.push([leg, samples]))
  act(count, clock)
  clock.pass(60_000)
  return told
}

t.test('a block that did not come is counted, on its leg', async t => {
  const told = counted((count, clock) => {
    count.block(0, BLOCK)
    count.block(1, BLOCK)
    count.interrupted([0, 0])
    clock.pass(BLOCK_MS)
    count.block(1, BLOCK)
    clock.pass(BLOCK_MS)
    count.block(0, BLOCK)
  })
  t.strictSame(told, [[0, BLOCK]])
})

t.test('a block in pieces is one', async t => {
  const told = counted((count, clock) => {
    count.block(0, BLOCK)
    count.interrupted([0, 0])
    clock.pass(BLOCK_MS)
    count.block(0, 100)
    clock.pass(5)
    count.block(0, BLOCK - 100)
  })
  t.strictSame(told, [])
})

t.test('keepers that die one after another are counted together', async t => {
  const told = counted((count, clock) => {
    count.block(0, BLOCK)
    count.interrupted([0, 0])
    clock.pass(BLOCK_MS)
    count.interrupted([0, 0])
    clock.pass(2 * BLOCK_MS)
    count.block(0, BLOCK)
  })
  t.strictSame(told, [[0, 2 * BLOCK]])
})

t.test('a keeper that dies before the first block is counted from when the dialplan got the tap', async t => {
  const told = counted((count, clock) => {
    count.started()
    clock.pass(BLOCK_MS)
    count.interrupted([0, 0])
    clock.pass(BLOCK_MS)
    count.block(0, BLOCK)
    count.block(1, 2 * BLOCK)
  })
  t.strictSame(told, [[0, BLOCK]])
})

t.test('before the tap began nothing is known; at the end it is counted at once', async t => {
  t.strictSame(
    counted((count, clock) => {
      count.interrupted([0, 0])
      clock.pass(3 * BLOCK_MS)
      count.block(0, BLOCK)
    }),
    [],
  )
  t.strictSame(
    counted((count, clock) => {
      count.block(0, BLOCK)
      count.interrupted([0, 0])
      clock.pass(3 * BLOCK_MS)
      count.block(0, BLOCK)
      count.conclude()
    }),
    [[0, 2 * BLOCK]],
  )
})
