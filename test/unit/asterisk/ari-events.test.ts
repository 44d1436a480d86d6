// Real: the reading of events, which is pure. Fake: none.
import fc from 'fast-check'
import t from 'tap'
import { isUnusedVariable, type RawEvent, readEvent } from '../../../src/asterisk/ari-events.js'
import { newQueryChannel } from '../../../src/asterisk/query-channel.js'

const NOW = Date.UTC(2026, 0, 31, 6, 31)
const WHEN = '2026-01-31T09:30:00.500+0300'
const AT = Date.UTC(2026, 0, 31, 6, 30, 0, 500)
const channel = { id: '1.1', caller: { name: '', number: '79001234567' } }
const read = (event: object) => readEvent(event as RawEvent, NOW)

t.test('each event of a call has its fact', async t => {
  const dated = { timestamp: WHEN, application: 'consentry', channel }
  const playback = { id: 'p', target_uri: 'channel:1.1', state: 'done' }
  const cases: [object, object][] = [
    [
      { type: 'StasisStart', args: ['100'], ...dated },
      { arrival: { number: '100', caller: '79001234567', at: AT, trunk: undefined } },
    ],
    [
      { type: 'StasisStart', args: [], ...dated, channel: { ...channel, name: 'PJSIP/carrier-0000002a' } },
      { arrival: { trunk: 'PJSIP/carrier', name: 'PJSIP/carrier-0000002a', consults: false } },
    ],
    [{ type: 'StasisStart', args: ['100', 'consultation'], ...dated }, { arrival: { consults: true } }],
    [
      {
        ...{ type: 'StasisStart', args: ['100'], ...dated },
        channel: { ...channel, channelvars: { CONSENTRY_PARTY: 'inside' } },
      },
      { arrival: { number: '100', party: 'inside' } },
    ],
    [
      { type: 'StasisStart', args: ['sales', 'outbound', '+7999'], ...dated },
      { arrival: { number: 'sales', caller: '+7999', consults: false, outbound: true } },
    ],
    [
      {
        type: 'Dial',
        dialstatus: 'ANSWER',
        timestamp: WHEN,
        caller: channel,
        peer: { id: '1.2', name: 'SIP/a-1', dialplan: { context: 'from-internal' } },
      },
      {
        fact: {
          ...{ fact: 'dials', stage: 'answered', at: AT },
          peer: { channel: '1.2', name: 'SIP/a-1', context: 'from-internal' },
        },
      },
    ],
    [{ type: 'StasisStart', args: [], ...dated }, { arrival: { number: '', caller: '79001234567', at: AT } }],
    [{ type: 'StasisEnd', ...dated }, { fact: { fact: 'left', at: AT } }],
    [{ type: 'ChannelDtmfReceived', digit: '#', ...dated }, { fact: { fact: 'key', digit: '#', at: AT } }],
    [
      { type: 'ChannelHangupRequest', cause: 16, ...dated },
      { fact: { fact: 'hanging-up', cause: 16, at: AT } },
    ],
    [
      { type: 'ChannelHangupRequest', cause: 32, soft: true, ...dated },
      { fact: { fact: 'hanging-up', cause: null, at: AT } },
    ],
    [{ type: 'ChannelDestroyed', cause: 16, ...dated }, { fact: { fact: 'hung-up', cause: 16, at: AT } }],
    [
      { type: 'PlaybackStarted', playback, timestamp: WHEN },
      { fact: { fact: 'playing', playback: 'p', at: AT } },
    ],
    [{ type: 'PlaybackFinished', playback, timestamp: WHEN }, { fact: { fact: 'played', ok: true, at: AT } }],
    [
      { type: 'PlaybackFinished', playback: { ...playback, state: 'failed' }, timestamp: WHEN },
      { fact: { fact: 'played', ok: false, at: AT } },
    ],
  ]
  const records = { type: 'ChannelVarset', variable: 'MIXMONITOR_FILENAME', ...dated }
  cases.push([{ ...records, value: '/monitor/1.wav' }, { fact: { fact: 'pbx-records', at: AT } }])
  t.equal(read({ ...records, value: '' }), null, 'a tap of ours')
  for (const [event, reading] of cases) t.match(read(event), { to: '1.1', ...reading })
  t.strictSame(read({ type: 'ApplicationReplaced' }), { replaced: true })
})

t.test('events of variables are told from others by their text', async t => {
  const varset = { type: 'ChannelVarset', variable: 'BRIDGEPEER', value: 'PJSIP/anna-1', channel }
  for (const message of [JSON.stringify(varset), JSON.stringify(varset, null, 1)])
    t.ok(isUnusedVariable(message))
  t.notOk(isUnusedVariable(JSON.stringify({ ...varset, variable: 'MIXMONITOR_FILENAME' })))
  for (const name of ['ChannelVarset', '"type":"ChannelVarset"']) {
    const caller = { ...channel, caller: { name, number: name } }
    t.notOk(isUnusedVariable(JSON.stringify({ type: 'StasisStart', channel: caller })), name)
  }
})

t.test('an event without a timestamp, or with an impossible one, gets the time of its receipt', async t => {
  const years = ['1970-01-01T00:00:00Z', '+275760-09-13T00:00:00Z', '-000044-03-15T00:00:00Z']
  for (const timestamp of [undefined, null, '', 'yesterday', 5, {}, ...years])
    t.match(read({ type: 'StasisEnd', timestamp, channel }), { fact: { at: NOW } })
})

t.test('an unknown or malformed event means nothing', async t => {
  const strange: object[] = [
    { type: 'ChannelTeleported', channel },
    { type: '__proto__', channel },
    { type: 'StasisStart' },
    { type: 'StasisStart', channel: null, args: ['100'] },
    { type: 'StasisStart', channel: '1.1', args: ['100'] },
    { type: 'StasisEnd', channel: { id: 5 } },
    { type: 'StasisEnd', channel: { id: '' } },
    { type: 'ChannelDestroyed', channel: [] },
    { type: 'ChannelDtmfReceived', channel },
    { type: 'ChannelDtmfReceived', channel, digit: 1 },
    { type: 'ChannelDtmfReceived', channel, digit: '11' },
    { type: 'ChannelDtmfReceived', channel, digit: { yes: true } },
    { type: 'PlaybackStarted' },
    { type: 'PlaybackStarted', playback: null },
    { type: 'PlaybackFinished', playback: { id: 'p', target_uri: 5 } },
    { type: 'PlaybackFinished', playback: { id: 'p', target_uri: 'bridge:1' } },
    { type: 'PlaybackFinished', playback: { id: 'p', target_uri: 'channel:' } },
    { type: 'PlaybackFinished', playback: { id: {}, target_uri: 'channel:1.1', state: 'done' } },
  ]
  for (const event of strange) t.equal(read(event), null, JSON.stringify(event))
})

t.test('malformed parts of a good event are left out', async t => {
  const odd = { type: 'StasisStart', channel: { id: '1.1', caller: 'me' }, args: { 0: ['x'] } }
  t.match(read(odd), { to: '1.1', arrival: { number: '', caller: '' } })
  t.match(read({ type: 'ChannelDestroyed', channel, cause: 'much' }), { fact: { cause: null } })
})

t.test('an id that no channel can have is ignored', async t => {
  const long = '1'.repeat(152)
  for (const id of [
    '1\x001',
    '\ud8001',
    '1.1,bridge:1',
    '../1',
    '1 1',
    '1\n',
    long,
    `${long}-whisper-0a1b2c3d`,
  ]) {
    t.equal(read({ type: 'StasisEnd', channel: { id } }), null)
    t.equal(read({ type: 'Dial', dialstatus: 'ANSWER', caller: channel, peer: { id } }), null)
    t.equal(read({ type: 'PlaybackStarted', playback: { id: 'p', target_uri: `channel:${id}` } }), null)
  }
  for (const id of ['pbx-1.example_2-1700000000.12', 'a:b~c', '5f2c;2', long.slice(1)])
    t.match(read({ type: 'StasisEnd', channel: { id } }), { to: id })
})

t.test('an odd number is no line, and an odd caller number loses what the journal cannot hold', async t => {
  const arriving = (number: unknown, caller: unknown) =>
    read({ type: 'StasisStart', args: [number], channel: { id: '1.1', caller: { number: caller } } })
  for (const number of ['10\x000', '100,1', '$(100)', '1'.repeat(80), 100])
    t.match(arriving(number, ''), { arrival: { number: '' } })
  t.match(arriving('100', `7\0${'9'.repeat(99)}`), { arrival: { caller: `7${'9'.repeat(77)}` } })
  t.match(arriving('100', '\ud83d7\u{1f4de}'), { arrival: { caller: '7\u{1f4de}' } })
})

t.test('a cause outside Q.850 is null', async t => {
  for (const cause of [-1, 0, 128, 1e300, 1.5, '16'])
    t.match(read({ type: 'ChannelDestroyed', channel, cause }), { fact: { cause: null } })
})

t.test('no JSON value makes the reading of an event throw', async t => {
  const types = [
    'StasisStart',
    'StasisEnd',
    'ChannelDtmfReceived',
    'ChannelDestroyed',
    'PlaybackFinished',
    'x',
  ]
  const event = fc.record({
    type: fc.constantFrom(...types),
    channel: fc.oneof(fc.jsonValue(), fc.record({ id: fc.jsonValue(), caller: fc.jsonValue() })),
    playback: fc.oneof(fc.jsonValue(), fc.record({ id: fc.jsonValue(), target_uri: fc.jsonValue() })),
    args: fc.jsonValue(),
    digit: fc.jsonValue(),
    cause: fc.jsonValue(),
    timestamp: fc.jsonValue(),
  })
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(event, raw => void read(raw)),
      { numRuns: 5_000 },
    ),
  )
})

t.test('the channels of an ear are no callers', async t => {
  for (const id of ['1.1-ear-spy', '1.1-ear-rtp'])
    for (const type of [
      'StasisStart',
      'StasisEnd',
      'ChannelHangupRequest',
      'ChannelDestroyed',
      'ChannelDtmfReceived',
    ])
      t.equal(read({ type, args: [], digit: '1', timestamp: WHEN, channel: { ...channel, id } }), null, type)
})

t.test('a channel that looks into the dialplan is no caller, and neither half of it', async t => {
  for (const id of [newQueryChannel(), `${newQueryChannel()}-other`])
    for (const type of ['StasisStart', 'StasisEnd', 'ChannelHangupRequest', 'ChannelDestroyed'])
      t.equal(read({ type, args: ['query'], timestamp: WHEN, channel: { ...channel, id } }), null, type)
})
