// Real: the beat. Fake: the PBX and the clock.
import t from 'tap'
import { startBeat } from '../../../src/asterisk/beat.js'
import type { AriTransport } from '../../../src/asterisk/transport/ari-transport.js'
import { AppError } from '../../../src/core/errors.js'
import { FakeClock } from '../../support/fakes/fake-clock.js'

/** A connected service. @param orderMs how long the PBX takes to refuse an order */
async function beating(orderMs = 0) {
  const clock = new FakeClock()
  const state = { takes: true, connected: true, lost: 0, values: [] as string[] }
  const ari: AriTransport = {
    async request(_resource, _operation, args) {
      if (state.takes) return void state.values.push((args as { value: string }).value)
      if (orderMs > 0) await new Promise<void>(resolve => clock.after(orderMs, resolve))
      throw new AppError('pbx.refused', 'it refuses')
    },
    listen: async () => () => {},
  }
  const beat = startBeat(
    { variable: 'BEAT', id: 'one' },
    {
      clock,
      connection: () => (state.connected ? ari : undefined),
      onNoOrders: () => {
        state.lost += 1
        state.connected = false
      },
    },
  )
  await beat.write(ari)
  return { beat, ari, clock, state }
}

t.test('a beat is written each second, while the service is connected', async t => {
  const { clock, state, beat } = await beating()
  await clock.advanceAndWait(2_000)
  state.connected = false
  await clock.advanceAndWait(2_000)
  t.strictSame(state.values, ['one 1', 'one 2', 'one 3'])
  beat.stop()
  t.equal(clock.timers, 0)
})

for (const [how, orderMs] of [
  ['refuses', 0],
  ['does not answer', 2_000],
] as const)
  t.test(`a PBX that ${how} orders is given up within 8 s, and not before 5 s`, async t => {
    const { clock, state } = await beating(orderMs)
    state.takes = false
    await clock.advanceAndWait(5_000)
    t.equal(state.lost, 0)
    await clock.advanceAndWait(3_000)
    t.equal(state.lost, 1)
  })

t.test('a PBX that refuses an order now and then is kept', async t => {
  const { clock, state } = await beating()
  for (let i = 0; i < 6; i++) {
    state.takes = !state.takes
    await clock.advanceAndWait(2_500)
  }
  t.equal(state.lost, 0)
})

t.test('after a standstill of the service one refusal proves nothing', async t => {
  const { clock, state } = await beating()
  clock.standStill(10_000)
  state.takes = false
  await clock.advanceAndWait(500)
  state.takes = true
  await clock.advanceAndWait(5_000)
  t.equal(state.lost, 0)
})

t.test('the first beat says whether the PBX takes orders', async t => {
  const { beat, ari, state } = await beating()
  state.takes = false
  await t.rejects(beat.write(ari), { code: 'pbx.refused' })
})
