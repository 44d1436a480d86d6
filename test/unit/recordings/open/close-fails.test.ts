// Real: what is done with the containers of a recording. Fake: the database, the store and the key store.
// A rejection that nothing handles fails the test.
import { randomUUID } from 'node:crypto'
import t from 'tap'
import { withParts } from '../../../../src/recordings/open/find-parts.js'

t.test('a container that cannot be closed after it was read is no failure', async t => {
  const rows = [{ id: randomUUID(), number: 1, object: 'one', location: 'disk', state: 'finished' }]
  const db: object = new Proxy({}, { get: (_, name) => (name === 'execute' ? async () => rows : () => db) })
  let closed = 0
  const close = async () => {
    closed += 1
    throw new Error('EIO')
  }
  const store = { location: 'disk', locate: () => '/one', open: async () => ({ close }) }
  const keyStore = { find: async () => ({}), get: async () => Buffer.alloc(0) }
  const deps = { db, store, keyStore } as never
  t.equal(await withParts(deps, randomUUID(), async parts => parts.length), 1)
  await new Promise(setImmediate)
  t.equal(closed, 1)
})
