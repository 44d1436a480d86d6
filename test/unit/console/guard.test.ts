// Real: the guard, on a server with a socket. Fake: a journal that takes its time, the route, the database, which is not reached.
import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import fastify from 'fastify'
import t from 'tap'
import { access } from '../../../src/console/access.js'
import { Answer } from '../../../src/console/answer.js'
import type { ConsoleDeps } from '../../../src/console/deps.js'
import { guard } from '../../../src/console/guard.js'
import { systemClock } from '../../../src/core/clock.js'
import { silent } from '../../support/processes/database.js'

t.test('a client that has gone gets nothing done that it may not do', async t => {
  const journalled: number[] = []
  let handled = 0
  const journal = {
    append: async () => {
      await pause(50)
      journalled.push(1)
    },
    note: () => {},
  }
  const app = fastify()
  t.teardown(() => app.close())
  const limits = {
    known: async () => false,
    strangers: async () => false,
    anyone: async () => false,
    visits: async () => false,
    refusals: async () => false,
  }
  guard(
    app,
    {
      journal,
      clock: systemClock,
      log: silent,
      config: { console: { host: '127.0.0.1' } },
    } as unknown as ConsoleDeps,
    limits,
    () => new Answer(503, {}, ''),
  )
  const options = { config: access('draft.discard'), schema: { summary: 'Does it', response: {} } }
  app.delete('/deed', options, async () => {
    handled += 1
    return {}
  })
  const { port } = new URL(await app.listen({ host: '127.0.0.1', port: 0 }))
  while (journalled.length < 3) {
    const socket = connect(Number(port), '127.0.0.1')
    await once(socket, 'connect')
    socket.write('DELETE /deed HTTP/1.1\r\nHost: x\r\n\r\n')
    // The request is being refused while its client goes.
    await pause(20)
    socket.destroy()
    await pause(100)
  }
  t.equal(handled, 0)
  const answer = await fetch(`http://127.0.0.1:${port}/deed`, { method: 'DELETE' })
  t.not(answer.status, 200)
})
