// Real: the watch and the book of bridges. Fake: the PBX.
import t from 'tap'
import { BridgeWatch } from '../../../src/asterisk/bridge-watch.js'
import type { AriTransport } from '../../../src/asterisk/transport/ari-transport.js'
import type { ChannelFact } from '../../../src/call/ports.js'
import type { ChannelId } from '../../../src/core/ids.js'
import { matchEach } from '../../support/assertions/match-each.js'
import { createErrorLog } from '../../support/fakes/error-log.js'
import { until } from '../../support/processes/database.js'

const APP = 'consentry-bridges'

/** A watch, with whom each channel is, and a PBX whose lists come when the test says so. */
function setUp() {
  const met = new Map<string, string[]>()
  const facts: [string, ChannelFact][] = []
  const { log, errors } = createErrorLog()
  const sink: ConstructorParameters<typeof BridgeWatch>[1] = {
    fact(channel, fact) {
      if (fact.fact === 'with') met.set(channel, fact.peers.map(peer => peer.channel as string).sort())
      facts.push([channel, fact])
    },
    bridgesFollowed() {},
  }
  const watch = new BridgeWatch(APP, sink, log)
  const asked: { answer(bridge: string[]): void; fail(): void }[] = []
  const ari = {
    request: (resource: string) =>
      resource === 'channels'
        ? Promise.resolve(['a', 'b', 'c'].map(id => ({ id, name: `SIP/${id}` })))
        : new Promise((resolve, reject) => {
            const answer = (channels: string[]) => resolve([{ id: '1', bridge_type: 'mixing', channels }])
            asked.push({ answer, fail: () => reject(new Error('no answer')) })
          }),
  } as unknown as AriTransport
  const transfer = (destination_type: string) =>
    watch.handle(
      { type: 'BridgeAttendedTransfer', application: APP, result: 'Success', destination_type },
      5,
      () => ari,
    )
  return {
    watch,
    sink,
    errors,
    ari,
    asked,
    transfer,
    facts,
    met: (channel: string) => met.get(channel as ChannelId) ?? [],
  }
}

t.test('after a transfer that no event of a bridge reports, the PBX is looked at', async t => {
  const { asked, transfer, met } = setUp()
  t.notOk(transfer('bridge'), 'the events of both bridges report this one')
  t.ok(transfer('application'))
  await until(() => asked.length === 1)
  asked[0]!.answer(['a', 'b'])
  await until(() => met('a').length === 1)
  t.strictSame([met('a'), met('b'), met('c')], [['b'], ['a'], []])
  await until(() => asked.length === 2)
  asked[1]!.answer(['a', 'c'])
  await until(() => met('c').length === 1)
  t.strictSame(
    [met('a'), met('b')],
    [['c'], []],
    'once more, because a look leaves out what changes meanwhile',
  )
})

t.test('one look follows another, also after one that failed', async t => {
  const { watch, ari, asked, met } = setUp()
  const looks = [watch.compare(ari), watch.compare(ari), watch.compare(ari)]
  await until(() => asked.length === 1)
  asked[0]!.fail()
  await t.rejects(looks[0]!)
  await until(() => asked.length === 2)
  asked[1]!.answer(['a', 'b'])
  await Promise.all(looks.slice(1))
  t.equal(asked.length, 2, 'those who asked meanwhile have one look in common')
  t.strictSame(met('a'), ['b'])
})

t.test(
  'a transfer is reported to whom it moves, also behind a Local channel, and a place with whom it has',
  async t => {
    const { watch, ari, facts } = setUp()
    const handle = (event: object) => watch.handle({ type: '', application: APP, ...event }, 5, () => ari)
    const name = (n: number) => `Local/7@agents-0000000a;${n}`
    const enter = (bridge: object, channel: object) =>
      handle({ type: 'ChannelEnteredBridge', bridge, channel })
    const leave = (id: string, channel: object) =>
      handle({ type: 'ChannelLeftBridge', bridge: { id }, channel })
    const [caller, anna] = ['c', 'a'].map(id => ({ id, name: `SIP/${id}-1` })) as [object, object]
    const [near, far] = [1, 2].map(n => ({ id: `l${n}`, name: name(n) })) as [object, object]
    enter({ id: '1' }, caller)
    enter({ id: '1' }, near)
    enter({ id: '2' }, far)
    enter({ id: '2' }, anna)
    leave('2', far)
    const ofCaller = () => facts.findLast(([channel]) => channel === 'c')![1]
    facts.length = 0
    const transfer = { type: 'BridgeBlindTransfer', result: 'Success', channel: anna, transferee: far }
    t.ok(handle({ ...transfer, bridge: { id: '2', channels: ['l2', 'a'] } }))
    const fact = { fact: 'transferred', kind: 'blind', by: ['SIP/a-1'], to: null, at: 5 }
    t.strictSame(facts, [
      ['l2', fact],
      ['c', fact],
    ])
    t.notOk(handle({ ...transfer, result: 'Fail' }), 'one that failed means nothing')
    facts.length = 0
    enter({ id: 'lot', bridge_type: 'holding', bridge_class: 'parking' }, far)
    t.match(ofCaller(), { fact: 'with', place: 'parked' })
    leave('lot', far)
    t.notOk('place' in ofCaller())
  },
)

t.test('a look that meets what nothing expects is logged, and the next one follows', async t => {
  const { sink, errors, asked, transfer, met } = setUp()
  const { fact } = sink
  sink.fact = () => {
    throw new TypeError('7900')
  }
  transfer('application')
  await until(() => asked.length === 1)
  asked[0]!.answer(['a', 'b'])
  await until(() => errors.length === 1)
  matchEach(t, errors, [{ kind: 'TypeError', text: 'a comparison with the bridges of the PBX failed' }])
  sink.fact = fact
  await until(() => asked.length === 2)
  asked[1]!.answer(['a', 'c'])
  await until(() => met('c').length === 1)
})
