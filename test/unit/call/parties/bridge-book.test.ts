// Real: the book of bridges. Fake: the PBX.
import t from 'tap'
import { BridgeBook } from '../../../../src/call/parties/bridge-book.js'
import type { Place, ShownChannel } from '../../../../src/call/ports.js'
import type { ChannelId } from '../../../../src/core/ids.js'

const id = (channel: string) => channel as ChannelId

/** A book, and with whom each channel is according to its reports. A star marks those in another bridge. */
function setUp() {
  const met = new Map<string, string[]>()
  const places = new Map<string, Place | undefined>()
  const book = new BridgeBook((channel, peers, _, place) => {
    met.set(channel, peers.map(peer => `${peer.channel}${peer.near ? '' : '*'}`).sort())
    places.set(channel, place)
  })
  interface How {
    name?: string
    holding?: boolean
    place?: Place
  }
  const enter = (
    bridge: string,
    channel: string,
    { name = `SIP/${channel}`, holding = false, place }: How = {},
  ) =>
    book.handle({
      change: 'entered',
      ...{ bridge, holding, channel: id(channel), name, at: 1, ...(place && { place }) },
    })
  const leave = (bridge: string, channel: string) =>
    book.handle({ change: 'left', bridge, channel: id(channel), at: 1 })
  const place = (channel: string) => places.get(channel)
  return { book, enter, leave, met: (channel: string) => met.get(channel) ?? [], place, reports: met }
}

t.test('those in one bridge are with each other', async t => {
  const { book, enter, leave, met } = setUp()
  for (const channel of ['a', 'b', 'c']) enter('1', channel)
  t.strictSame(
    [met('a'), met('b'), met('c')],
    [
      ['b', 'c'],
      ['a', 'c'],
      ['a', 'b'],
    ],
  )
  leave('1', 'b')
  t.strictSame([met('a'), met('b'), met('c')], [['c'], [], ['a']])
  enter('2', 'c')
  t.strictSame([met('a'), met('c')], [[], []], 'a channel is in one bridge only')
  enter('2', 'a')
  book.gone(id('c'))
  t.strictSame(met('a'), [])
  enter('2', 'b')
  book.handle({ change: 'destroyed', bridge: '2', at: 1 })
  t.strictSame([met('a'), met('b')], [[], []])
})

t.test('a late report that a channel left says nothing of the bridge where it is now', async t => {
  const { enter, leave, met } = setUp()
  for (const channel of ['a', 'b']) enter('1', channel)
  enter('2', 'a')
  enter('2', 'c')
  leave('1', 'a')
  t.strictSame([met('a'), met('b'), met('c')], [['c'], [], ['a']])
})

t.test('those who hear music in a holding bridge are alone', async t => {
  const { enter, met } = setUp()
  for (const channel of ['a', 'b']) enter('lot', channel, { holding: true })
  t.strictSame([met('a'), met('b')], [[], []])
  enter('1', 'a')
  enter('1', 'c')
  t.strictSame(met('a'), ['c'], 'until they are retrieved')
})

t.test('a Local channel joins two bridges', async t => {
  const { book, enter, leave, met } = setUp()
  const half = (n: number) => ({ name: `Local/7@agents-0000000a;${n}` })
  enter('1', 'a')
  enter('1', 'l1', half(1))
  t.strictSame(met('a'), ['l1'])
  book.arrived(id('l2'), half(2).name)
  t.strictSame(
    [met('a'), met('l2')],
    [
      ['l1', 'l2*'],
      ['a*', 'l1*'],
    ],
    'its other half is in our application',
  )
  enter('2', 'l2', half(2))
  enter('2', 'b')
  t.strictSame(met('a'), ['b*', 'l1', 'l2*'])
  t.strictSame(met('b'), ['a*', 'l1*', 'l2'])
  leave('2', 'l2')
  t.strictSame([met('a'), met('b')], [['l1', 'l2*'], []])
  book.gone(id('l2'))
  t.strictSame(met('a'), ['l1'])
})

t.test('a look mends what was missed, and changes nothing that happens meanwhile', async t => {
  const { book, enter, leave, met, reports } = setUp()
  for (const channel of ['a', 'b']) enter('1', channel)
  const list = (bridges: Record<string, string[]>, take: ReturnType<BridgeBook['beginComparison']>) => {
    const channels = [...'abcd'].map(one => [id(one), { name: `SIP/${one}` }] as const)
    const listed = Object.entries(bridges).map(([bridge, of]) => ({
      id: bridge,
      holding: false,
      channels: of.map(id),
    }))
    take(listed, new Map(channels))
  }
  list({ 2: ['a', 'c'] }, book.beginComparison())
  t.strictSame([met('a'), met('b'), met('c')], [['c'], [], ['a']])
  t.ok(reports.has('d'), 'channels in no bridge are reported, too')
  const take = book.beginComparison()
  enter('3', 'b')
  enter('3', 'd')
  list({ 2: ['a', 'c'] }, take)
  t.strictSame([met('b'), met('d'), met('a')], [['d'], ['b'], ['c']], 'bridge 3 began after the list')
  const late = book.beginComparison()
  enter('3', 'a')
  list({ 2: ['a', 'c'], 3: ['b', 'd'] }, late)
  t.strictSame(
    [met('a'), met('c')],
    [['b', 'd'], []],
    'the list is of before one moved from bridge 2 to bridge 3',
  )
  const later = book.beginComparison()
  leave('4', 'c')
  list({ 3: ['a', 'b', 'd'], 4: ['c', 'e'] }, later)
  t.strictSame(met('c'), [], 'the list is of before one left whose coming was not reported')
})

t.test('who comes or goes during a look hides nobody who is there already', async t => {
  const { book, enter, leave, met } = setUp()
  const look = (...channels: string[]) => {
    const take = book.beginComparison()
    const shown = new Map([...'abcd'].map(one => [id(one), { name: `SIP/${one}` }]))
    return () => take([{ id: '1', holding: false, channels: channels.map(id) }], shown)
  }
  const first = look('a', 'b')
  enter('1', 'c')
  first()
  t.strictSame(met('a'), ['b', 'c'], 'as after a restart, where nothing was known before')
  const second = look('a', 'b', 'c', 'd')
  leave('1', 'c')
  second()
  t.strictSame(met('a'), ['b', 'd'])
  const third = look('a', 'b', 'd')
  book.gone(id('d'))
  third()
  t.strictSame(met('a'), ['b'])
  const fourth = look('a', 'b')
  book.handle({ change: 'destroyed', bridge: '1', at: 1 })
  fourth()
  t.strictSame([met('a'), met('b')], [[], []])
})

t.test('nothing is remembered of channels whose end the PBX does not report', async t => {
  const { book, enter, leave, met } = setUp()
  book.arrived(id('a'), 'SIP/a')
  for (const channel of ['a', 'b']) enter('1', channel)
  for (const channel of ['a', 'b']) leave('1', channel)
  for (const channel of ['c', 'd']) enter('2', channel)
  t.strictSame(met('c'), ['d'])
  const take = book.beginComparison()
  book.arrived(id('e'), 'SIP/e')
  take([], new Map())
  t.strictSame([met('c'), met('d')], [[], []], 'nobody is with them any more')
  t.equal(book.size, 2, 'the one that came meanwhile, and its name')
  book.beginComparison()([], new Map())
  t.equal(book.size, 0)
})

t.test('the first context of a channel stays, and what the dialplan says of it may change', async t => {
  const seen = new Map<string, object>()
  const book = new BridgeBook((channel, peers) => {
    if (channel === 'a') for (const { name, context, party } of peers) seen.set(name, { context, party })
  })
  const enter = (bridge: string, channel: string, shown: Omit<ShownChannel, 'name'> = {}) => {
    const name = channel
    book.handle({ change: 'entered', bridge, holding: false, channel: id(channel), at: 1, name, ...shown })
  }
  enter('1', 'a')
  enter('1', 'b', { context: 'from-trunk' })
  t.strictSame(seen.get('b'), { context: 'from-trunk', party: undefined })
  book.handle({ change: 'left', bridge: '1', channel: id('b'), at: 2 })
  enter('1', 'b', { context: 'from-internal', party: 'outside' })
  t.strictSame(seen.get('b'), { context: 'from-trunk', party: 'outside' }, 'also after it left')
  const look = (shown: object) =>
    book.beginComparison()(
      [{ id: '1', holding: false, channels: [id('a'), id('b')] }],
      new Map([...'ab'].map(one => [id(one), { name: one, ...(one === 'b' && shown) }])),
    )
  look({ context: 'from-internal', party: 'inside' })
  t.strictSame(seen.get('b'), { context: 'from-trunk', party: 'inside' })
  look({ context: 'from-internal' })
  t.strictSame(seen.get('b'), { context: 'from-trunk', party: undefined })
  const take = book.beginComparison()
  enter('2', 'c', { context: 'sales' })
  book.handle({ change: 'left', bridge: '2', channel: id('c'), at: 3 })
  take([], new Map())
  enter('1', 'a')
  enter('1', 'c', { context: 'support' })
  t.strictSame(seen.get('c'), { context: 'sales', party: undefined }, 'the list was made before it came')
  book.beginComparison()([], new Map())
  t.equal(book.size, 0, 'nothing is remembered of channels that the PBX does not list')
  enter('1', 'b', { context: 'from-internal' })
  book.gone(id('b'))
  t.equal(book.size, 0)
})

t.test(
  'where a channel is: parked or in a conference, also through a Local channel that it is alone with',
  async t => {
    const { book, enter, leave, place } = setUp()
    const half = (n: number) => ({ name: `Local/7@agents-0000000a;${n}` })
    const lot = { holding: true, place: 'parked' } as const
    enter('1', 'a')
    enter('1', 'b')
    t.equal(place('a'), undefined)
    enter('lot', 'a', lot)
    enter('wait', 'b', { holding: true })
    t.strictSame([place('a'), place('b')], ['parked', undefined])
    leave('lot', 'a')
    t.equal(place('a'), undefined)
    enter('room', 'a', { place: 'conference' })
    t.equal(place('a'), 'conference')
    book.handle({ change: 'destroyed', bridge: 'room', at: 1 })
    t.equal(place('a'), undefined)
    // The agent of a queue has parked the caller c.
    enter('2', 'c')
    enter('2', 'l1', half(1))
    enter('lot', 'l2', { ...half(2), ...lot })
    t.equal(place('c'), 'parked')
    enter('2', 'b')
    t.equal(place('c'), undefined, 'with somebody else there, c is not parked')
    leave('2', 'b')
    t.equal(place('c'), 'parked')
    enter('3', 'l2', half(2))
    t.equal(place('c'), undefined)
    // Two Local channels that join the same bridges lead nowhere.
    leave('2', 'c')
    enter('2', 'k1', { name: 'Local/8@agents-0000000b;1' })
    enter('3', 'k2', { name: 'Local/8@agents-0000000b;2' })
    t.equal(place('l1'), undefined)
  },
)

t.test('a look tells where channels are, and forgets bridges that are gone', async t => {
  const { book, enter, place } = setUp()
  enter('room', 'a', { place: 'conference' })
  const shown = new Map([...'ab'].map(one => [id(one), { name: `SIP/${one}` }]))
  book.beginComparison()([{ id: 'lot', holding: true, place: 'parked', channels: [id('b')] }], shown)
  t.strictSame([place('a'), place('b')], [undefined, 'parked'])
  enter('room', 'a')
  t.equal(place('a'), undefined, 'a bridge of the same id is another one')
  enter('lot', 'a')
  t.equal(place('a'), 'parked')
})

t.test('whoever is behind a Local channel is found by its name, and nobody in a parking lot', async t => {
  const { book, enter } = setUp()
  const half = (n: number, of = 'a') => ({ name: `Local/7@agents-0000000${of};${n}` })
  enter('1', 'c')
  enter('1', 'l1', half(1))
  t.strictSame(book.beyond(id('l2'), half(2).name), ['c'], 'although its other half has left')
  t.strictSame(book.beyond(id('l2')), [], 'whose name is not known then')
  enter('2', 'l2', half(2))
  enter('2', 'a')
  t.strictSame([book.beyond(id('l2')), book.beyond(id('l1'))], [['c'], ['a']])
  t.strictSame(book.beyond(id('c')), [], 'this is no Local channel')
  enter('1', 'k1', half(1, 'b'))
  enter('3', 'k2', half(2, 'b'))
  enter('3', 'd')
  t.strictSame(book.beyond(id('l2')), ['c', 'k1', 'd'], 'through another one, too')
  enter('lot', 'k2', { ...half(2, 'b'), holding: true })
  t.strictSame(book.beyond(id('l2')), ['c', 'k1'])
})
