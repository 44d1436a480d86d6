// Real: the look at the server. Fake: a PostgreSQL that takes a connection and its settings, and then says nothing.
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import t from 'tap'
import { checkServer } from '../../../src/db/check-server.js'
import { Secret } from '../../../src/shared/secret.js'
import { silent } from '../../support/database.js'

/** A message of the protocol: its kind, its length with itself, its content. */
function message(kind: string, content: string | Buffer): Buffer {
  const body = Buffer.from(content)
  const head = Buffer.alloc(5)
  head.write(kind)
  head.writeInt32BE(4 + body.length, 1)
  return Buffer.concat([head, body])
}

const LET_IN = message('R', Buffer.alloc(4))
const READY = message('Z', 'I')

t.test('a database that falls silent while it is looked at counts as away', async t => {
  const server = createServer(socket => {
    socket.once('data', () => {
      socket.write(Buffer.concat([LET_IN, READY]))
      // The settings of the session; whatever is asked after them is not answered.
      socket.once('data', () => socket.write(Buffer.concat([message('C', 'SET\0'), READY])))
    })
    socket.on('error', () => undefined)
  })
  t.teardown(() => server.close())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const url = new Secret(`postgres://consentry@127.0.0.1:${port}/consentry`)
  await t.rejects(checkServer(url, silent), { code: 'db.unavailable' })
})
