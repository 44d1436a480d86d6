// Real: the reading of the PBX's events about transfers. Fake: the PBX.
import t from 'tap'
import { readTransfer } from '../../../src/asterisk/bridge-events.js'

t.test('transfers are read as ARI describes them: who, by whom, and to whom if it says so', async t => {
  const [caller, anna, boris] = ['c', 'a', 'b'].map(one => ({ id: `1.${one}`, name: `SIP/${one}-1` }))
  const second = { id: '2.a', name: 'SIP/a-2' }
  const bridge = { id: 'b1', channels: ['1.a', '1.c', '1.c-ear-spy'] }
  const blind = {
    ...{ type: 'BridgeBlindTransfer', result: 'Success', channel: anna, bridge },
    ...{ exten: '79991234567', context: 'outside', is_external: true },
  }
  const moved = (one: { id: string; name: string } | undefined, to: string | null) => ({
    ...{ channel: one!.id, name: one!.name, to },
  })
  const ofBlind = { kind: 'blind', by: ['SIP/a-1'], moved: [moved(caller, null)], at: 5 }
  t.strictSame(readTransfer({ ...blind, transferee: caller }, 5), ofBlind)
  t.strictSame(readTransfer(blind, 5)?.moved, [{ channel: '1.c', name: '', to: null }], 'of more than two')
  t.equal(readTransfer({ ...blind, transferee: caller, result: 'Fail' }, 5), null)
  const attended = {
    ...{ type: 'BridgeAttendedTransfer', result: 'Success', destination_type: 'bridge' },
    ...{ transferer_first_leg: anna, transferer_first_leg_bridge: bridge, transferee: caller },
    ...{ transferer_second_leg: second, transfer_target: boris },
    transferer_second_leg_bridge: { id: 'b2', channels: ['2.a', '1.b'] },
  }
  const both = [moved(caller, 'SIP/b-1'), moved(boris, 'SIP/c-1')]
  const ofAttended = { kind: 'attended', by: ['SIP/a-1', 'SIP/a-2'], moved: both, at: 5 }
  t.strictSame(readTransfer(attended, 5), ofAttended)
  const merged = { id: 'b1', channels: ['1.c', '1.b'] }
  t.strictSame(
    readTransfer({ ...attended, transferer_first_leg_bridge: merged }, 5),
    ofAttended,
    'the bridge of the first leg may have both already',
  )
  t.strictSame(readTransfer({ ...attended, destination_type: 'threeway' }, 5), {
    ...ofAttended,
    kind: 'three-way',
  })
  const none = { transfer_target: undefined, transferer_second_leg_bridge: undefined }
  t.strictSame(
    readTransfer({ ...attended, ...none, destination_type: 'application' }, 5)?.moved,
    [moved(caller, null)],
    'to somebody who has only just answered',
  )
  for (const odd of [
    { type: 'BridgeBlindTransfer', result: 'Success' },
    { ...blind, bridge: { channels: 'none' } },
    { ...attended, result: 'Not Permitted' },
    { type: 'BridgeAttendedTransfer', result: 'Success', transferee: { id: 7 } },
    { type: 'ChannelEnteredBridge', result: 'Success', bridge, channel: caller },
  ])
    t.equal(readTransfer(odd, 5), null, JSON.stringify(odd))
})
