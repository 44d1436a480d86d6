// Real: ari-client and HTTP. Fake: a PBX that answers one operation.
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import t, { type Test } from 'tap'
import { connectAri } from '../../../../src/asterisk/transport/ari-transport.js'
import { Secret } from '../../../../src/core/secret.js'
import { describedAt, INFO_RESOURCE, INFO_RESOURCES } from '../../../support/fakes/ari-description.js'
import { FakePbx } from '../../../support/fakes/fake-pbx.js'

/** Connects to a PBX that answers `asterisk.getInfo` so. @returns a function that asks for it */
async function connectTo(t: Test, answer: (response: ServerResponse) => void) {
  const pbx = await FakePbx.start(t)
  pbx.requestHandler = ({ url = '' }, response) => {
    if (url.includes('/asterisk/info')) return answer(response)
    const described = url.includes('resources') ? INFO_RESOURCES : INFO_RESOURCE
    response.setHeader('content-type', 'application/json')
    response.end(describedAt(pbx.url, JSON.stringify(described)))
  }
  const ari = await connectAri({ url: pbx.url, username: 'u', password: new Secret('p') })
  return () => ari.request('asterisk', 'getInfo', {})
}

t.test('requests that follow each other share a connection', async t => {
  const sockets = new Set<unknown>()
  const getInfo = await connectTo(t, response => {
    sockets.add(response.socket)
    response.end('{"system":{}}')
  })
  for (let round = 0; round < 5; round++) t.strictSame(await getInfo(), { system: {} })
  t.equal(sockets.size, 1)
})

t.test('a request over a connection that the PBX closes at that moment is sent again', async t => {
  const seen = new Map<unknown, number>()
  const getInfo = await connectTo(t, response => {
    const requests = (seen.get(response.socket) ?? 0) + 1
    seen.set(response.socket, requests)
    if (requests > 1) response.socket!.resetAndDestroy()
    else response.end('{"system":{}}')
  })
  for (let round = 0; round < 4; round++) t.strictSame(await getInfo(), { system: {} })
  t.strictSame([...seen.values()], [2, 2, 2, 1], 'each connection served one request')
})

t.test('a refusal of a request that was sent again does not say what became of the first', async t => {
  const seen = new Set<unknown>()
  const getInfo = await connectTo(t, response => {
    if (seen.has(response.socket)) return response.socket!.resetAndDestroy()
    if (seen.size > 0) response.statusCode = 404
    seen.add(response.socket)
    response.end('{"system":{}}')
  })
  t.strictSame(await getInfo(), { system: {} })
  await t.rejects(getInfo(), { code: 'pbx.unavailable' })
})

t.test('a request whose new connection is closed, too, is an error', async t => {
  let requests = 0
  const getInfo = await connectTo(t, response => {
    requests++
    response.socket!.destroy()
  })
  await t.rejects(getInfo(), { code: 'pbx.unavailable' })
  t.equal(requests, 2, 'over the connection of the description, and over a new one')
})

for (const [how, breakOff] of Object.entries({
  closed: (response: ServerResponse) => response.destroy(),
  reset: (response: ServerResponse) => response.socket!.resetAndDestroy(),
}))
  t.test(`an answer whose connection is ${how} before its end is an error`, async t => {
    const getInfo = await connectTo(t, response => {
      response.writeHead(200, { 'content-length': 100 }).write('{"sys')
      setTimeout(breakOff, 50, response)
    })
    await t.rejects(getInfo(), { code: 'pbx.unavailable' })
  })

t.test('an answer whose end does not come is an error, and its connection is closed later', async t => {
  let closed: Promise<unknown> | undefined
  const getInfo = await connectTo(t, response => {
    closed = once(response, 'close')
    response.writeHead(200, { 'content-length': 100 }).write('{"sys')
  })
  await t.rejects(getInfo(), { code: 'pbx.timeout' })
  await t.resolves(closed!)
})

t.test('an answer that names another address is an error, and nothing is sent there', async t => {
  const other = await FakePbx.start(t)
  const getInfo = await connectTo(t, response => {
    response.writeHead(302, { location: `${other.url}/ari/asterisk/info` }).end()
  })
  await t.rejects(getInfo(), { code: 'pbx.refused' })
  t.strictSame(other.requestedPaths, [])
})
