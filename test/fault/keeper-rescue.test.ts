// Real: the keeper, its client, HTTP. Fake: Asterisk, which is a small HTTP server; the service, which only answers pings or not.
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import type { KeeperAccess } from '../../src/audio/tap/keeper-access.js'
import { KeeperClient } from '../../src/audio/tap/keeper-client.js'
import type { Rescued } from '../../src/keeper/protocol.js'
import { FakeService } from '../support/fakes/fake-service.js'
import { silent, until } from '../support/processes/database.js'
import { keeperSettings, startKeeper } from '../support/processes/keeper.js'

/** A fake Asterisk with one application, and channels in and out of it. */
async function fakeAri(t: Test) {
  const waiting = new Set(['1700000000.1', '1700000000.2'])
  const elsewhere = ['1700000000.3', 'gone/channel?x=1']
  const asked: string[] = []
  const variables = new Map<string, string>()
  const server: Server = createServer((request, response) => {
    const path = decodeURIComponent(request.url!)
    const answer = (status: number, body?: object): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(body && JSON.stringify(body))
    }
    const right = `Basic ${Buffer.from('keeper:pass:word').toString('base64')}`
    asked.push(`${request.method} ${path}`)
    if (request.headers.authorization !== right) return answer(401)
    if (path === '/ari/applications/the app') return answer(200, { channel_ids: [...waiting, ...elsewhere] })
    const variable = /^\/ari\/asterisk\/variable\?variable=(.+)$/.exec(path)?.[1]
    if (variable !== undefined) return answer(200, { value: variables.get(variable) ?? '' })
    const channel = /^\/ari\/channels\/(.+)\/continue$/.exec(path)?.[1] ?? ''
    const looked = /^\/ari\/channels\/([^/]+)$/.exec(path)?.[1]
    if (request.method === 'GET' && looked) {
      const app_data = waiting.has(looked) ? 'the app,100' : 'the app of a neighbour,100'
      return answer(200, { id: looked, dialplan: { app_name: 'Stasis', app_data } })
    }
    if (request.method === 'DELETE' && path.startsWith('/ari/playbacks/')) return answer(404)
    if (request.method !== 'POST') return answer(405)
    if (channel.startsWith('gone')) return answer(404, { message: 'Channel not found' })
    if (!waiting.delete(channel)) return answer(409, { message: 'Channel not in Stasis application' })
    answer(204)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const access = {
    url: `http://127.0.0.1:${port}`,
    username: 'keeper',
    password: 'pass:word',
    app: 'the app',
    beat: { variable: 'CONSENTRY_SERVICE_the app', id: 'own' },
  }
  return { waiting, asked, access, variables }
}

/** Starts the next service. @returns the rescues that the keeper reports to it */
async function successor(t: Test, settings: KeeperAccess): Promise<Rescued[]> {
  const client = await KeeperClient.start(settings, silent)
  t.teardown(() => client.stop())
  const heard: Rescued[] = []
  client.onRescue(rescued => heard.push(rescued))
  await until(() => heard.length > 0)
  return heard
}

t.test(
  'the keeper of a dead service sends its callers back, and reports each rescue to the next service',
  async t => {
    const { waiting, asked, access } = await fakeAri(t)
    const { ari: _, ...ofUnit } = await keeperSettings(t)
    const settings = { ...ofUnit, ari: access }
    // A unit knows no access to Asterisk: the service says it.
    await startKeeper(t, ofUnit)
    const before = new FakeService(settings.socket)
    before.hello(access)
    await before.waitForMessage('held-all')
    before.close()
    await until(() => waiting.size === 0)
    waiting.add('late')
    await until(() => waiting.size === 0)
    t.notOk(
      asked.includes('POST /ari/channels/1700000000.3/continue'),
      'another application keeps its channel',
    )
    for (const turn of [0, 1])
      t.ok(
        asked.includes(`DELETE /ari/playbacks/1700000000.1-prompt-${turn}`),
        'the prompt of the channel is stopped',
      )
    const heard = await successor(t, settings)
    await until(() => heard.length === 3)
    t.strictSame(heard.map(({ channel }) => channel).sort(), ['1700000000.1', '1700000000.2', 'late'])
    for (const { reason, at } of heard) {
      t.equal(reason, 'service-gone', 'why it was rescued')
      t.ok(Math.abs(Date.now() - at) < 60_000, 'when it was rescued')
    }
    // An unconfirmed rescue would be repeated before the second ping.
    const look = new FakeService(settings.socket)
    look.hello(access)
    await until(() => look.messages.filter(({ t }) => t === 'ping').length >= 2)
    t.notOk(
      look.messages.some(({ t }) => t === 'rescued'),
      'no rescue is reported again',
    )
  },
)

t.test(
  'the keeper of a frozen service sends its callers back, but not while the service answers',
  async t => {
    const { waiting, asked, access } = await fakeAri(t)
    const settings = { ...(await keeperSettings(t)), ari: access }
    await startKeeper(t, settings)
    const service = new FakeService(settings.socket)
    service.hello(access)
    for (let pings = 1; pings <= 4; pings++) {
      await until(() => service.messages.filter(({ t }) => t === 'ping').length >= pings)
      service.send({ t: 'pong' })
    }
    t.strictSame(asked, [], 'the keeper asks nothing while the service answers')
    await until(() => waiting.size === 0)
    t.notOk(service.closed, 'the service is still connected')
    const { channels } = await service.waitForMessage('rescued')
    t.ok(
      channels.every(({ reason }) => reason === 'service-frozen'),
      'why they were rescued',
    )
    t.equal(channels.length, 2, 'both callers were rescued')
  },
)

t.test('the keeper sends callers back whom a service does not serve in time that has greeted it', async t => {
  const { waiting, access } = await fakeAri(t)
  const limits = { frozenMs: 600_000, goneMs: 600_000, startMs: 1_000 }
  const settings = { ...(await keeperSettings(t, limits)), ari: access }
  await startKeeper(t, settings)
  const service = new FakeService(settings.socket)
  service.hello(access)
  await t.resolves(
    until(() => waiting.size === 0),
    'the callers are sent back',
  )
  t.notOk(service.closed, 'the service is still connected')
})

t.test('the keeper leaves callers alone while another service of the application lives', async t => {
  const { waiting, asked, access, variables } = await fakeAri(t)
  const beat = { variable: 'CONSENTRY_SERVICE_the app', id: 'left over' }
  // A service of another data folder started this keeper, and is gone.
  const settings = { ...(await keeperSettings(t, { goneMs: 100 })), ari: { ...access, beat } }
  let count = 0
  const write = () => variables.set(beat.variable, `living ${++count}`)
  write()
  const beats = setInterval(write, 200)
  t.teardown(() => clearInterval(beats))
  await startKeeper(t, settings)
  const looks = () => asked.filter(one => one.includes('/asterisk/variable')).length
  await until(() => looks() >= 6)
  t.equal(waiting.size, 2, 'no caller is sent back')
  clearInterval(beats)
  await t.resolves(
    until(() => waiting.size === 0),
    'the callers are sent back',
  )
})

t.test('the last beat of the keeper’s own service does not delay a rescue', async t => {
  const { waiting, access, variables } = await fakeAri(t)
  const beat = { variable: 'CONSENTRY_SERVICE_the app', id: 'own' }
  const settings = { ...(await keeperSettings(t, { goneMs: 100 })), ari: access }
  await startKeeper(t, settings)
  const service = new FakeService(settings.socket)
  service.hello({ ...access, beat })
  await service.waitForMessage('held-all')
  let count = 0
  // Here the beat continues, which never happens, so that only the id can show whose it is.
  const write = () => variables.set(beat.variable, `own ${++count}`)
  const beats = setInterval(write, 200)
  t.teardown(() => clearInterval(beats))
  write()
  service.close()
  await t.resolves(
    until(() => waiting.size === 0),
    'the callers are sent back',
  )
})

t.test('the keeper asks an Asterisk that does not answer again, and serves on meanwhile', async t => {
  const settings = await keeperSettings(t, { goneMs: 100 })
  const mute = createServer(() => {})
  mute.listen(0, '127.0.0.1')
  await once(mute, 'listening')
  t.teardown(() => {
    mute.closeAllConnections()
    mute.close()
  })
  let asked = 0
  mute.on('request', () => asked++)
  const { port } = mute.address() as AddressInfo
  await startKeeper(t, { ...settings, ari: { ...settings.ari, url: `http://127.0.0.1:${port}/ari/` } })
  await until(() => asked >= 2)
  const service = new FakeService(settings.socket)
  t.ok((await service.openTap()).prefix, 'the keeper gives pipes')
})
