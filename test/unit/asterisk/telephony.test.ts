// Real: telephony, ari-client, HTTP and WebSocket. Fake: a PBX that misbehaves.
import type { RequestListener } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { newTrialId } from '../../../src/core/ids.js'
import { trialChannelId } from '../../../src/core/trial.js'
import { matchEach } from '../../support/assertions/match-each.js'
import { connected, describeBridges } from '../../support/fakes/connected-telephony.js'
import { Opcode, RESOURCES, SET_VARIABLE, textFrame } from '../../support/fakes/fake-pbx.js'
import { until } from '../../support/processes/database.js'

const end = (id: string) => ({ type: 'StasisEnd', channel: { id } })

t.test('a message that is no event is counted, and the next event is handled', async t => {
  const { pbx, telephony, facts, connection } = await connected(t)
  const garbage = [
    '',
    '{',
    'null',
    '[]',
    '"StasisEnd"',
    '5',
    '{}',
    '{"type":5}',
    '{"type":{"toString":1}}',
    '\u0000',
  ]
  for (const message of garbage) pbx.send(message)
  pbx.send(Buffer.from([0xff, 0xfe, 0x00, 0x80]), Opcode.binary)
  pbx.send(Buffer.from([0x22, 0xc3, 0x28]))
  pbx.send('['.repeat(100_000))
  pbx.send(end('1.1'))
  await until(() => facts.length === 1)
  t.equal(telephony.counters.garbled, garbage.length + 3)
  t.strictSame(connection, ['connected'])
})

t.test('an unknown or malformed event is counted and ignored, however large it is', async t => {
  const { pbx, telephony, arrivals, facts, connection } = await connected(t)
  const strange = [
    { type: 'ChannelTeleported', channel: { id: '1.1' } },
    { type: 'StasisStart', channel: null },
    { type: 'PlaybackFinished', playback: { id: 'p', target_uri: 5 } },
    { type: 'ChannelDtmfReceived', channel: { id: '1.1' }, digit: ['1'] },
    { type: 'ChannelVarset', value: 'x'.repeat(20_000_000) },
    { type: 'ChannelDtmfReceived', channel: { id: '1.1', caller: { name: 'ChannelVarset' } }, digit: 5 },
  ]
  for (const event of strange) pbx.send(event)
  pbx.send(end('1.1'))
  await until(() => facts.length === 1)
  t.match(telephony.counters, { events: strange.length + 1, ignored: strange.length, garbled: 0 })
  t.strictSame(arrivals, [])
  t.strictSame(connection, ['connected'])
})

t.test('a PBX that breaks the WebSocket protocol is disconnected, then connected again', async t => {
  const { pbx, facts, connection } = await connected(t)
  const broken = [
    // First a reserved opcode, then a frame longer than memory.
    () => pbx.sendRaw(Buffer.from([0x83, 0x00])),
    () => pbx.sendRaw(Buffer.from([0x81, 127, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff])),
    () => pbx.disconnect(),
  ]
  for (const [i, harm] of broken.entries()) {
    harm()
    await until(() => pbx.connections === i + 2 && connection.length === 2 * i + 3)
  }
  t.strictSame([...new Set(connection)], ['connected', 'closed'])
  pbx.send(end('1.1'))
  await until(() => facts.length === 1)
  matchEach(t, facts, [['1.1', { fact: 'left' }]])
})

t.test('an event that comes together with the answer that opens the socket is handled', async t => {
  const { pbx, facts, connection } = await connected(t)
  pbx.withAnswer = textFrame(JSON.stringify(end('1.1')))
  pbx.disconnect()
  await until(() => connection.length === 3)
  matchEach(t, facts, [['1.1', { fact: 'left' }]])
})

t.test('every loss of the PBX says for how long nothing had been heard before it', async t => {
  const { pbx, connection, unheard } = await connected(t)
  pbx.disconnect()
  await until(() => connection.length === 3)
  pbx.requestHandler = (_, response) => response.writeHead(500).end()
  await until(() => connection.length === 4)
  t.strictSame(connection, ['connected', 'closed', 'connected', 'no-orders'])
  t.ok(
    unheard.every(ms => ms > 0),
    `${unheard}`,
  )
})

t.test('an application that another process took over is reported lost once, and not taken back', async t => {
  const { pbx, telephony, facts, connection } = await connected(t)
  pbx.send(end('1.1'))
  for (let i = 0; i < 3; i++) pbx.send({ type: 'ApplicationReplaced', application: 'consentry' })
  pbx.send(end('1.2'))
  await until(() => connection.length === 2)
  // Nothing happens that could be waited for. The first attempt to reconnect would come after 100 ms.
  await pause(500)
  t.strictSame(connection, ['connected', 'replaced'])
  t.equal(pbx.connections, 1)
  t.notOk(telephony.connected)
  t.equal(facts.length, 1, 'later events are ignored')
})

t.test('a PBX that cannot describe its ARI yet is asked again until it can', async t => {
  const { pbx, connection } = await connected(t)
  const description = JSON.stringify(RESOURCES)
  const half =
    (piece: RequestListener): RequestListener =>
    (request, response) =>
      request.url?.includes('resources') ? response.end(description) : piece(request, response)
  const troubles: RequestListener[] = [
    (_, response) => response.writeHead(503).end(),
    (_, response) => response.end('<html>who are you?</html>'),
    request => request.socket.destroy(),
    half((_, response) => response.writeHead(503).end()),
    half(request => request.socket.destroy()),
  ]
  for (const [i, trouble] of troubles.entries()) {
    pbx.requestHandler = trouble
    pbx.requestedPaths.length = 0
    pbx.disconnect()
    await until(() => pbx.requestedPaths.length >= 4)
    pbx.requestHandler = undefined
    await until(() => connection.length === 2 * i + 3)
    t.equal(connection.at(-1), 'connected')
  }
})

t.test(
  'a PBX that is slow to report its start time is asked again, and a malformed start time is ignored',
  async t => {
    const { pbx, connection, starts } = await connected(t)
    const base = { ...RESOURCES, basePath: `${pbx.url}/ari` }
    const info = { httpMethod: 'GET', nickname: 'getInfo', responseClass: 'Info', parameters: [] }
    const resource = {
      ...base,
      resourcePath: '/api-docs/asterisk.{format}',
      apis: [SET_VARIABLE, { path: '/asterisk/info', description: '', operations: [info] }],
      models: { Info: { id: 'Info', properties: {} } },
    }
    const said: unknown[] = [
      '2026-01-01T10:00:00.123+0000',
      undefined,
      '2026-01-01T10:09:00.456+0000',
      5,
      '\0',
    ]
    pbx.requestHandler = ({ url = '', socket }, response) => {
      response.setHeader('content-type', 'application/json')
      if (!url.includes('info'))
        return response.end(JSON.stringify(url.includes('resources') ? base : resource))
      const startup_time = said.shift()
      if (startup_time === undefined) return void socket.destroy()
      response.end(JSON.stringify({ status: { startup_time } }))
    }
    for (let i = 0; i < 4; i++) {
      pbx.disconnect()
      await until(() => connection.length === 2 * i + 3)
    }
    t.strictSame(starts.slice(1), [
      [false, '2026-01-01T10:00:00.123+0000'],
      [true, '2026-01-01T10:09:00.456+0000'],
      [false, undefined],
      [false, undefined],
    ])
  },
)

t.test('whoever looks at a PBX that is connected again has it report of its bridges before', async t => {
  const { pbx, telephony, connection } = await connected(t)
  const orders = describeBridges(pbx)
  pbx.disconnect()
  await until(() => connection.length === 3)
  orders.asked.length = 0
  await telephony.reportBridges()
  t.strictSame(orders.asked.splice(0), ['list', 'list'], 'it reports already')
  orders.owes = 'filter'
  pbx.disconnect()
  await until(() => orders.owed.length === 1)
  orders.asked.length = 0
  orders.owes = ''
  t.ok(telephony.connected, 'so that an interval may end in a look')
  await telephony.reportBridges()
  t.strictSame(orders.asked, ['filter', 'subscribe', 'list', 'list'], 'it may be another process')
})

t.test('a connection that is lost while it is set up is not reported when the next one is there', async t => {
  const { pbx, telephony, connection } = await connected(t)
  const orders = describeBridges(pbx)
  orders.owes = 'filter'
  pbx.disconnect()
  await until(() => orders.owed.length === 1)
  pbx.disconnect()
  await until(() => orders.owed.length === 2)
  orders.owes = ''
  orders.asked.length = 0
  // The earlier connection goes on with its orders, and the PBX carries them out.
  orders.owed[0]!.end('[]')
  await until(() => orders.asked.includes('getInfo'))
  await telephony.reportBridges()
  t.strictSame(connection, ['connected', 'closed', 'closed'])
  orders.owed[1]!.end('[]')
  await until(() => connection.at(-1) === 'connected')
  t.strictSame(connection, ['connected', 'closed', 'closed', 'connected'])
})

for (const owes of ['list', 'listStored'])
  t.test(`nobody can come or be rung before the PBX has said what was left on it (${owes})`, async t => {
    const { pbx, telephony, connection } = await connected(t)
    const orders = describeBridges(pbx)
    orders.owes = owes
    pbx.disconnect()
    await until(() => orders.owed.length === 1)
    await pause(500)
    t.strictSame([orders.asked.sort(), telephony.connected], [['list', 'listStored'], false])
    orders.owes = ''
    orders.owed[0]!.end('[]')
    await until(() => connection.at(-1) === 'connected')
  })

t.test('nobody waits until the recordings that were left are removed', async t => {
  const { pbx, telephony, connection } = await connected(t)
  const orders = describeBridges(pbx)
  orders.stored = ['consentry-prompt-1', 'of-somebody-else', 'consentry-prompt-2']
  orders.owes = 'deleteStored'
  pbx.disconnect()
  await until(() => connection.at(-1) === 'connected')
  for (const name of ['consentry-prompt-1', 'consentry-prompt-2']) {
    await until(() => orders.asked.includes(`deleteStored?recordingName=${name}`))
    orders.owed.at(-1)!.end('[]')
  }
  await telephony.reportBridges()
  t.equal(orders.owed.length, 2, 'only those of the application are removed')
})

t.test('no phone is rung, and no bridges are looked at, while the PBX is not heard', async t => {
  const { telephony } = await connected(t)
  telephony.stopTakingCalls()
  const trial = trialChannelId(newTrialId())
  await t.rejects(telephony.ring(trial, 'PJSIP/anna', '100', 30), { code: 'pbx.unavailable' })
  await t.rejects(telephony.reportBridges(), { code: 'pbx.unavailable' })
})

t.test('a PBX that takes no orders gets no connection, so that callers pass it by', async t => {
  const { pbx, telephony, connection } = await connected(t)
  t.ok(telephony.hears)
  const usual = pbx.usualAnswer
  pbx.requestHandler = (request, response) =>
    request.method === 'POST' ? response.writeHead(403).end() : usual(request, response)
  pbx.requestedPaths.length = 0
  pbx.disconnect()
  const orders = () => pbx.requestedPaths.filter(path => path.startsWith('/ari/asterisk/variable'))
  await until(() => orders().length >= 2)
  t.equal(pbx.connections, 1)
  t.notOk(telephony.hears, 'the keeper looks after callers')
  pbx.requestHandler = undefined
  await until(() => connection.at(-1) === 'connected')
  t.ok(telephony.hears)
})
