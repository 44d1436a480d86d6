// Real: the HTTP server of the service, the system's addresses. Fake: its parts.
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import t from 'tap'
import type { LogFiles } from '../../../../src/log/log-files.js'
import type { WitnessBook } from '../../../../src/log/notes/witness.js'
import { startWitnessServer } from '../../../../src/log/witness-server.js'
import { startServer } from '../../../../src/main/http/server.js'

const log = { checkpoint: async () => undefined, read: async () => undefined } as unknown as LogFiles
const parts = {
  ...{ parts: () => ({}), figures: () => ({}), log },
  metrics: { contentType: 'text/plain; charset=utf-8', text: async () => '' },
}

t.test('a refused address is named with its setting and what to do', async t => {
  const other = createServer().listen(0, '127.0.0.1')
  t.teardown(() => other.close())
  await once(other, 'listening')
  const taken = { host: '127.0.0.1', port: (other.address() as AddressInfo).port }
  await t.rejects(startServer(taken, parts), {
    code: 'config.invalid',
    message: `CONSENTRY_HTTP 127.0.0.1:${taken.port} cannot be used (EADDRINUSE): another program listens there. End it, or give another port.`,
  })
  await t.rejects(startServer({ host: '192.0.2.7', port: 0 }, parts), {
    code: 'config.invalid',
    message: /^CONSENTRY_HTTP 192\.0\.2\.7:0 .*Give one that it has/,
  })
  await t.rejects(startWitnessServer(taken, {} as WitnessBook), {
    code: 'config.invalid',
    message: /^--listen 127\.0\.0\.1/,
  })
})
