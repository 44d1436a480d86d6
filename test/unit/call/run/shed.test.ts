// Real: the calls and their neighbours. Fake: the gate, the channels, the journal, the recorder and the clock.
import t from 'tap'
import { Calls } from '../../../../src/call/run/calls.js'
import { newNodeId } from '../../../../src/core/ids.js'
import type { LinePolicy, Purpose } from '../../../../src/core/policy.js'
import type { ShedReason } from '../../../../src/core/ports.js'
import { exactly } from '../../../support/assertions/exactly.js'
import { keyLine, twoPurposes } from '../../../support/data/policies.js'
import { fakeCallDeps, fakeChannel, flushPromises } from '../../../support/fakes/fake-call.js'
import { FakeClock } from '../../../support/fakes/fake-clock.js'
import { openGate } from '../../../support/fakes/gate.js'
import {
  agent,
  asking,
  caller,
  near,
  recordedCaller,
  stranger,
} from '../../../support/fakes/recorded-caller.js'
import { inApp, recoveredCall } from '../../../support/fakes/recovered-call.js'

t.test('while calls are shed, a caller who comes to a further line is not asked there', async t => {
  const clock = new FakeClock()
  const { deps, events } = fakeCallDeps(clock)
  const silent: LinePolicy = { ...keyLine, mode: 'none' }
  let shed: ShedReason | undefined
  let looked: readonly Purpose[] = []
  const calls = new Calls({
    ...deps,
    lines: { find: number => (number === '100' ? silent : twoPurposes) },
    gate: {
      ...openGate,
      closed(purposes) {
        looked = purposes
        return shed
      },
    },
    unknownLine: () => keyLine,
    owner: { node: 'here', service: newNodeId() },
  })
  const channel = fakeChannel('1.1')
  const arriveAt = async (number: string) => {
    events.splice(0)
    channel.orders.splice(0)
    calls.arrived({ number, caller: '7999', at: clock.now(), channel })
    await flushPromises()
    return channel.orders.map(order => order.split(' ')[0])
  }
  await arriveAt('100')
  shed = 'store-unwritable'
  t.strictSame(await arriveAt('200'), ['return-to-dialplan'])
  t.strictSame(
    looked,
    twoPurposes.purposes.map(({ purpose }) => purpose),
  )
  t.match(
    events.map(({ type, data }) => ({ type, ...data })),
    exactly({ type: 'call.passed-through', reason: 'store-unwritable' }, { type: 'call.released' }),
  )
  shed = undefined
  t.ok((await arriveAt('200')).includes('play'), 'and is asked there later')
})

t.test(
  'a recovered caller who hangs up before it is known what could be recorded gets no orders',
  async t => {
    const { deps, types } = fakeCallDeps(new FakeClock())
    let known = (_: undefined) => {}
    const storageAway = () =>
      new Promise<undefined>(resolve => {
        known = resolve
      })
    const calls = new Calls({
      ...deps,
      lines: { find: () => keyLine },
      gate: { ...openGate, storageAway },
      unknownLine: () => keyLine,
      owner: { node: 'here', service: newNodeId() },
    })
    const channel = fakeChannel('1.1')
    calls.recover([recoveredCall()], () => channel)
    calls.resumeRecovered(new Map([[channel.id, inApp]]))
    await flushPromises()
    calls.handleChannelFact(channel.id, { fact: 'hung-up', cause: 16, at: 0 })
    known(undefined)
    await flushPromises()
    t.strictSame(channel.orders, [])
    t.equal(types().at(-1), 'call.ended')
  },
)

t.test('while calls are shed, nobody is asked in a conversation', async t => {
  const { calls, answered, together, whispers, load } = await recordedCaller()
  const refuser = near('4.4', 'SIP/carrier-0000003')
  const own = await answered('4.4', '2')
  await together(refuser, agent)
  load.shed = 'too-many-recordings'
  t.equal(calls.ask(own), 'shed')
  t.strictSame(whispers('4.4'), [])
  load.shed = undefined
  t.equal(calls.ask(own), 'asked')
})

t.test('while calls are shed, nobody who joins a recorded call is asked, and it stays paused', async t => {
  const { calls, call, together, whispers, hear, press, since, load } = await recordedCaller(asking)
  load.shed = 'keys-unwritable'
  await together(caller, agent, stranger)
  t.strictSame(since(), ['pause party'])
  t.strictSame(whispers('3.3'), [])
  t.equal(calls.callIdOf(stranger.channel), undefined, 'no call is begun')
  load.shed = undefined
  await together(caller, agent, stranger)
  t.strictSame(whispers('3.3'), ['disclosure-key'], 'asked when it is over')
  await hear('3.3')
  await press('3.3', '2')
  await hear('3.3')
  const own = calls.callIdOf(stranger.channel)!
  load.shed = 'overloaded'
  t.equal(calls.ask(own), 'shed', 'nor again by order')
  t.strictSame(since(), [], 'the recording is still paused')
  load.shed = undefined
  t.equal(calls.ask(own), 'asked')
  t.not(own, call)
})
