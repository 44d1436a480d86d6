// Real: the watch and the book of bridges. Fake: the PBX.
import t from 'tap'
import type { ChannelId } from '../../../src/shared/ids.js'
import { BridgeWatch } from '../../../src/telephony/bridge-watch.js'
import type { AriTransport } from '../../../src/telephony/transport/ari-transport.js'
import { until } from '../../support/processes/database.js'

const APP = 'consentry-bridges'

/** A watch, with whom each channel is, and a PBX whose lists come when the test says so. */
function setUp() {
  const met = new Map<string, string[]>()
  const watch = new BridgeWatch(APP, (channel, fact) => {
    if (fact.fact === 'with') met.set(channel, fact.peers.map(peer => peer.channel as string).sort())
  })
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
  return { watch, ari, asked, transfer, met: (channel: string) => met.get(channel as ChannelId) ?? [] }
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
  const looks = [watch.look(ari), watch.look(ari), watch.look(ari)]
  await until(() => asked.length === 1)
  asked[0]!.fail()
  await t.rejects(looks[0]!)
  await until(() => asked.length === 2)
  asked[1]!.answer(['a', 'b'])
  await Promise.all(looks.slice(1))
  t.equal(asked.length, 2, 'those who asked meanwhile have one look in common')
  t.strictSame(met('a'), ['b'])
})
