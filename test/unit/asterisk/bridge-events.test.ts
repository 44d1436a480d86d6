// Real: the reading of events and lists of bridges, and the book of bridges. Fake: none.
import t from 'tap'
import { hidesAMove, readBridge, readBridgeEvent, readChannel } from '../../../src/asterisk/bridge-events.js'
import { BridgeBook } from '../../../src/call/parties/bridge-book.js'

t.test('events and lists are read as ARI describes them', async t => {
  const bridge = { id: 'b1', bridge_type: 'mixing', channels: ['1.1'] }
  const read = (event: object) => readBridgeEvent({ type: '', ...event }, 5)
  const channel = { id: '1.1', name: 'SIP/a-1' }
  const entered = { change: 'entered', bridge: 'b1', holding: false, channel: '1.1', name: 'SIP/a-1', at: 5 }
  t.strictSame(read({ type: 'ChannelEnteredBridge', bridge, channel }), entered)
  const lot = { ...bridge, bridge_type: 'holding' }
  t.strictSame(read({ type: 'ChannelEnteredBridge', bridge: lot, channel }), { ...entered, holding: true })
  t.strictSame(read({ type: 'ChannelLeftBridge', bridge, channel }), {
    change: 'left',
    bridge: 'b1',
    channel: '1.1',
    at: 5,
  })
  t.strictSame(read({ type: 'BridgeDestroyed', bridge }), { change: 'destroyed', bridge: 'b1', at: 5 })
  const transfer = { type: 'BridgeAttendedTransfer', result: 'Success', destination_type: 'application' }
  t.ok(hidesAMove(transfer))
  t.notOk(hidesAMove({ ...transfer, destination_type: 'bridge' }), 'events of both bridges report it')
  t.notOk(hidesAMove({ ...transfer, type: 'BridgeBlindTransfer' }))
  for (const odd of [
    {},
    { type: 'ChannelEnteredBridge', bridge },
    { type: 'ChannelEnteredBridge', channel },
    { type: 'ChannelEnteredBridge', bridge, channel: { id: '1.1-ear-spy' } },
    { type: 'ChannelLeftBridge', bridge, channel: { id: '1.1-whisper-0a1b2c3d' } },
    { type: 'BridgeCreated', bridge },
    { type: 'ChannelVarset', bridge, channel },
  ])
    t.equal(read(odd), null, JSON.stringify(odd))
  const listed = readBridge({ ...bridge, channels: ['1.1', '1.1-ear-spy', 7] })
  t.strictSame(listed, { id: 'b1', holding: false, channels: ['1.1'] })
  t.strictSame(readBridge(null), { id: '', holding: false, channels: [] })
  const shown = { dialplan: { context: 'sales', exten: 's' }, channelvars: { CONSENTRY_PARTY: ' Inside' } }
  const told = { name: 'SIP/a-1', context: 'sales', party: 'inside' }
  t.strictSame(read({ type: 'ChannelEnteredBridge', bridge, channel: { ...channel, ...shown } }), {
    ...entered,
    ...told,
  })
  t.strictSame(readChannel(channel), [['1.1', { name: 'SIP/a-1' }]])
  t.strictSame(readChannel({ ...channel, ...shown }), [['1.1', told]])
  for (const [value, party] of Object.entries({ outside: 'outside', yes: 'outside' }))
    t.match(readChannel({ ...channel, channelvars: { CONSENTRY_PARTY: value } })[0]?.[1], { party }, value)
  t.strictSame(readChannel({ ...channel, channelvars: { CONSENTRY_PARTY: '' } }), readChannel(channel))
  t.strictSame(readChannel({ id: '1.1-ear-rtp', name: 'UnicastRTP/x' }), [])
  const ofLot = { bridge_type: 'holding', bridge_class: 'parking', creator: 'Parking' }
  t.strictSame(readBridge({ ...ofLot, id: 'b2' }), { id: 'b2', holding: true, place: 'parked', channels: [] })
  const ofWait = { id: 'b3', bridge_type: 'holding', bridge_class: 'base', creator: 'BridgeWait' }
  t.strictSame(readBridge(ofWait), { id: 'b3', holding: true, channels: [] })
  const room = { ...bridge, bridge_class: 'base', creator: 'ConfBridge', name: '4951234567' }
  t.strictSame(read({ type: 'ChannelEnteredBridge', bridge: room, channel }), {
    ...entered,
    place: 'conference',
  })
})

t.test('whoever is on a channel with an odd id is in the bridge, too', async t => {
  const bridge = { id: 'b1', bridge_type: 'mixing', channels: ['1.1', 'lead/7'] }
  const channel = { id: 'lead/7', name: 'SIP/carrier-2' }
  const met = new Map<string, string[]>()
  const book = new BridgeBook((one, peers) =>
    met.set(
      one,
      peers.map(({ name }) => name),
    ),
  )
  const handle = (type: string, one: object) => {
    const change = readBridgeEvent({ type, bridge, channel: one }, 5)
    if (change) book.handle(change)
  }
  handle('ChannelEnteredBridge', { id: '1.1', name: 'SIP/carrier-1' })
  handle('ChannelEnteredBridge', channel)
  t.strictSame(met.get('1.1'), ['SIP/carrier-2'])
  handle('ChannelLeftBridge', channel)
  t.strictSame(met.get('1.1'), [])
  book.beginComparison()([readBridge(bridge)], new Map(readChannel(channel)))
  t.strictSame(met.get('1.1'), ['SIP/carrier-2'], 'a look finds it')
})
