// Real: the keeper in this process, its folder and pipes. Fake: the connection to the service; the times of the ticks.
import { chmodSync, existsSync, mkdirSync, readdirSync, rmdirSync, unlinkSync } from 'node:fs'
import t from 'tap'
import type { Connection } from '../../../src/keeper/connection.js'
import { Keeper } from '../../../src/keeper/keeper.js'
import { defaultLimits } from '../../../src/keeper/limits.js'
import { type FromKeeper, PROTOCOL_VERSION } from '../../../src/keeper/protocol.js'
import { until } from '../../support/processes/database.js'
import { keeperSettings, NO_ARI } from '../../support/processes/keeper.js'

/** A keeper with one pair whose channel has ended, and whose first pipe cannot be removed: a folder has its place. */
async function endedPair() {
  const { tapDir, socket } = await keeperSettings(t)
  const keeper = await Keeper.start({ tapDir, socket, limits: { ...defaultLimits, batch: 2 } }, () => {})
  const sent: FromKeeper[] = []
  const connection = {
    send: (message: FromKeeper) => void sent.push(message),
    ...{ sendFrom() {}, enqueue() {}, stopSending() {}, close() {} },
  } as unknown as Connection
  keeper.message(connection, { t: 'hello', version: PROTOCOL_VERSION, ari: NO_ARI, service: 's' })
  keeper.message(connection, { t: 'take', request: 1, tag: 'a call' })
  const find = <T extends FromKeeper['t']>(type: T) =>
    sent.filter((one): one is Extract<FromKeeper, { t: T }> => one.t === type)
  await until(() => find('taken').length === 1)
  const { pair, prefix } = find('taken')[0]!
  const stuck = `${prefix}.rx.alaw`
  chmodSync(tapDir, 0o700)
  unlinkSync(stuck)
  mkdirSync(stuck)
  keeper.message(connection, { t: 'gone', pair })
  return { keeper, tapDir, stuck, other: `${prefix}.tx.alaw`, notes: () => find('note') }
}

t.test('a pair whose pipes cannot be removed is not forgotten: the keeper tries again', async t => {
  const { keeper, tapDir, stuck, other, notes } = await endedPair()
  let now = performance.now()
  const tick = (ms: number) => {
    now += ms
    keeper.tick(now)
  }
  await until(() => {
    tick(1)
    return notes().length > 0
  })
  t.notOk(existsSync(other), 'what can be removed is removed')
  tick(9_000)
  await new Promise(resolve => setImmediate(resolve))
  t.equal(notes().length, 1, 'not at each tick')
  tick(1_001)
  await until(() => notes().length === 2)
  chmodSync(tapDir, 0o700)
  rmdirSync(stuck)
  tick(10_001)
  await new Promise(resolve => setImmediate(resolve))
  tick(10_001)
  await new Promise(resolve => setImmediate(resolve))
  t.equal(notes().length, 2, 'once they are gone, there is nothing left to remove')
  await keeper.end()
})

t.test('a keeper that ends removes all pipes but the one that it cannot remove', async t => {
  const { keeper, tapDir, stuck } = await endedPair()
  await keeper.end()
  t.strictSame(
    readdirSync(tapDir).map(name => `${tapDir}/${name}`),
    [stuck],
  )
})
