// Real: the rescue, HTTP. Fake: Asterisk, which is a small HTTP server.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { Rescue } from '../../../src/keeper/rescue.js'

const caller = '1700000000.1'
const whisper = '1700000000.2-whisper-0a1b2c3d'

t.test('a whisper channel is hung up, and is no caller who was rescued', async t => {
  const orders: string[] = []
  const server = createServer(({ method, url = '' }, response) => {
    const path = url.replace('/ari/', '')
    if (method !== 'GET') orders.push(`${method} ${path}`)
    const isApplication = path === 'applications/consentry'
    // As Asterisk 22 lists a whisper channel: like a caller.
    const dialplan = { app_name: 'Stasis', app_data: 'consentry' }
    response.end(JSON.stringify(isApplication ? { channel_ids: [caller, whisper] } : { dialplan }))
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
    password: 'pass',
    app: 'consentry',
    beat: { variable: 'B', id: 'own' },
  }
  const rescue = new Rescue(access)
  await rescue.round('service-gone')
  const rescued = rescue.unconfirmed()?.channels.map(({ channel }) => channel)
  const toWhisper = orders.filter(order => order.includes(whisper))
  t.strictSame([rescued, toWhisper], [[caller], [`DELETE channels/${whisper}`]])
})
