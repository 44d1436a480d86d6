// Real: the HTTP server of the service. Fake: its parts.
import t from 'tap'
import { Secret } from '../../../../src/core/secret.js'
import type { LogFiles } from '../../../../src/log/log-files.js'
import { startServer } from '../../../../src/main/http/server.js'

t.test('no browser makes a page of an answer of the service', async t => {
  const log = { checkpoint: async () => undefined, read: async () => undefined } as unknown as LogFiles
  const server = await startServer(
    { host: '127.0.0.1', port: 0 },
    {
      ...{ parts: () => ({}), figures: () => ({}), log },
      metrics: { contentType: 'text/plain; charset=utf-8', text: async () => '' },
      api: {
        calls: { switchPause: async () => 'unknown', ask: () => 'unknown' },
        token: new Secret('a token of the API'),
      },
    },
  )
  t.teardown(() => server.close())
  for (const path of [
    '/healthz',
    '/readyz',
    '/metrics',
    '/log/checkpoint',
    '/<script>',
    '/%zz',
    '/api/calls/x/pause',
  ]) {
    const { headers } = await fetch(server.url + path)
    t.equal(headers.get('x-content-type-options'), 'nosniff', path)
    t.match(headers.get('content-security-policy'), /^default-src 'none'/, path)
  }
})
