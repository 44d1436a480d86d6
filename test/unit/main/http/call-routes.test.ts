// Real: the HTTP server. Fake: the calls and the log.
import t, { type Test } from 'tap'
import { Secret } from '../../../../src/core/secret.js'
import { startServer } from '../../../../src/main/http/server.js'

const TOKEN = 'sixteen-letters-or-more'
const nothing = {
  parts: () => ({}),
  figures: () => ({}),
  log: { checkpoint: async () => undefined, read: async () => undefined },
}
const orders: string[] = []
const calls = {
  async switchPause(id: string, to: 'pause' | 'resume') {
    orders.push(`${to} ${id}`)
    return id === 'known' ? ('done' as const) : ('unknown' as const)
  },
  ask(id: string) {
    orders.push(`ask ${id}`)
    return id === 'known' ? ('asked' as const) : ('not-talking' as const)
  },
}

async function serve(t: Test, api?: { calls: typeof calls; token: Secret }) {
  const server = await startServer({ host: '127.0.0.1', port: 0 }, {
    ...nothing,
    ...(api ? { api } : {}),
  } as never)
  t.teardown(() => server.close())
  return async (path: string, authorization?: string) => {
    const headers: Record<string, string> = authorization === undefined ? {} : { authorization }
    const answer = await fetch(`${server.url}/api/calls/${path}`, { method: 'POST', headers })
    return answer.status
  }
}

t.test('only requests with the token pause recordings and have people asked', async t => {
  const post = await serve(t, { calls, token: new Secret(TOKEN) })
  const refused = [
    undefined,
    '',
    'Bearer',
    'Bearer ',
    TOKEN,
    `Basic ${TOKEN}`,
    `Bearer ${TOKEN}x`,
    'Bearer x',
    `Bearer ${TOKEN} x`,
  ]
  for (const header of refused) t.equal(await post('known/pause', header), 401, String(header))
  t.strictSame(orders, [], 'no call gets an order')
  t.equal(await post('known/pause', `Bearer ${TOKEN}`), 200)
  t.equal(await post('known/resume', `bearer ${TOKEN}`), 200)
  t.equal(await post('other/pause', `Bearer ${TOKEN}`), 404)
  t.equal(await post('known/ask', 'Bearer x'), 401)
  t.equal(await post('known/ask', `Bearer ${TOKEN}`), 200)
  t.equal(await post('other/ask', `Bearer ${TOKEN}`), 409)
  t.equal(await post('known/stop', `Bearer ${TOKEN}`), 404)
  t.strictSame(orders, ['pause known', 'resume known', 'pause other', 'ask known', 'ask other'])
})

t.test('a service without a token has no routes for pauses', async t => {
  const post = await serve(t)
  t.equal(await post('known/pause', `Bearer ${TOKEN}`), 404)
  t.equal(await post('known/pause', 'Bearer '), 404)
})
