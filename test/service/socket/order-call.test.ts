// Real: the order, HTTP. Fake: the API, which answers with a given status.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { Secret } from '../../../src/core/secret.js'
import { orderCall } from '../../../src/socket/order-call.js'

const ANSWERS = [
  { status: 401, code: 'config.invalid', error: 'the token is not right' },
  { status: 404, code: 'not-found', error: 'no such call is under way' },
  { status: 409, code: 'request.conflict', error: 'the recordings of this call are paused' },
  { status: 500, code: 'tool.failed', error: 'no reason given' },
]

t.test('each refusal of the API has its own code, and its reason', async t => {
  let answer = ANSWERS[0]!
  const server = createServer((_, response) => {
    const body = answer.status < 500 ? JSON.stringify({ error: answer.error }) : ''
    response.writeHead(answer.status).end(body)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const { port } = server.address() as AddressInfo
  const config = { http: { host: '127.0.0.1', port }, apiToken: new Secret('token') }
  const order = () => orderCall({ config } as unknown as Parameters<typeof orderCall>[0], 'call', 'pause')
  for (answer of ANSWERS) {
    const { status, code, error } = answer
    await t.rejects(order(), { code, message: `Refused (${status}): ${error}.` })
  }
})
