// Real: the calls, their neighbours, the watch of bridges. Fake: the PBX, the recorder, the journal and the clock.
import t from 'tap'
import { BridgeWatch } from '../../../../src/asterisk/bridge-watch.js'
import type { AriTransport } from '../../../../src/asterisk/transport/ari-transport.js'
import { hearPbx } from '../../../../src/call/run/calls.js'
import { AppError } from '../../../../src/core/errors.js'
import type { OutsiderRule } from '../../../../src/core/policy.js'
import { agent, asking, caller, recordedCaller, stranger } from '../../../support/fakes/recorded-caller.js'
import { createWarningLog } from '../../../support/fakes/warning-log.js'

const APP = 'consentry-bridges'

/** A recorded caller beside a PBX that refuses to report of its bridges, until it `reports`. */
async function setUp(onOutsider: OutsiderRule = 'pause') {
  const recorded = await recordedCaller({ ...asking, onOutsider })
  const { calls, clock } = recorded
  const hearing = hearPbx({
    calls,
    trials: { arrived() {}, handleChannelFact() {}, failAll() {}, rescued() {} },
    recorder: { pbxLost() {}, pbxBack() {} },
    journal: { note() {} },
    clock: { now: clock.now, stamp: at => at },
    stalls: { check() {}, clock },
  })
  const { log, warnings } = createWarningLog()
  const watch = new BridgeWatch(APP, hearing, log)
  const pbx = { reports: false, together: [caller, agent], listed: Promise.resolve() }
  const ari = {
    async request(resource: string, operation: string) {
      if (operation === 'subscribe' && !pbx.reports) throw new AppError('pbx.refused', 'no')
      if (resource === 'channels')
        return [caller, agent, stranger].map(({ channel: id, name }) => ({ id, name }))
      if (resource === 'bridges') await pbx.listed
      return [{ id: '1', bridge_type: 'mixing', channels: pbx.together.map(({ channel }) => channel) }]
    },
  } as unknown as AriTransport
  const connect = () => watch.follow(ari)
  const look = () => watch.compare(ari)
  const lost = () => watch.lost()
  const leaves = ({ channel: id, name }: typeof stranger) =>
    watch.handle(
      { type: 'ChannelLeftBridge', application: APP, bridge: { id: '1' }, channel: { id, name } },
      clock.now(),
      () => ari,
    )
  return { ...recorded, pbx, connect, look, lost, leaves, warnings }
}

t.test('while the PBX does not report who joins, nothing is recorded, whomever a look finds', async t => {
  const { pbx, connect, look, leaves, since, types, call, warnings } = await setUp()
  await connect()
  await look()
  t.strictSame(since(), ['pause party'], 'whoever comes before the next look comes unseen')
  pbx.together.push(stranger)
  await connect()
  await look()
  t.strictSame(since(), [], 'somebody has come')
  pbx.reports = true
  await connect()
  t.strictSame(since(), [], 'who is there is known only after the next look')
  await look()
  t.strictSame(since(), [])
  leaves(stranger)
  t.strictSame(since(), ['resume party'])
  t.strictSame(
    types(call).filter(type => type.startsWith('call.party-')),
    ['call.party-joined', 'call.party-left'],
    'only who has been seen is journalled',
  )
  t.equal(warnings.length, 1, 'it is said once')
  t.match(warnings[0], /does not report who joins/)
})

t.test('a recording that begins meanwhile begins paused, and goes on when the PBX reports', async t => {
  const { pbx, connect, look, answered, since, calls, fact } = await setUp()
  await connect()
  fact(caller.channel, { fact: 'hung-up', cause: 16, at: 0 })
  await answered('1.1', '1')
  t.strictSame(since(), ['pause party'])
  t.equal(calls.size, 1)
  pbx.reports = true
  await connect()
  await look()
  t.strictSame(since(), ['resume party'])
})

t.test('where the line says so, what the caller says is recorded all the while', async t => {
  const { connect, look, since } = await setUp('own-side')
  await connect()
  await look()
  t.strictSame(since(), ['pause own-side'])
})

t.test('a look that began before the PBX refused tells nothing of what follows', async t => {
  const { pbx, connect, look, since } = await setUp()
  pbx.reports = true
  await connect()
  let list = () => {}
  pbx.listed = new Promise(resolve => {
    list = resolve
  })
  const looking = look()
  pbx.reports = false
  await connect()
  list()
  await looking
  t.strictSame(since(), ['pause party'])
})

t.test('an order to report that fails because the connection is lost says nothing of the PBX', async t => {
  const { calls, connect, lost, warnings } = await setUp()
  const connecting = connect()
  lost()
  await connecting
  t.ok(calls.around.neighbours.followed, 'whatever comes before the next look pauses nothing')
  t.strictSame(warnings, [])
  await connect()
  t.notOk(calls.around.neighbours.followed, 'the next connection is the one that counts')
})
