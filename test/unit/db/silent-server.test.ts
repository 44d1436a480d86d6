// Real: the check of the server, over TCP. Fake: PostgreSQL, which answers the login and then nothing.
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import t from 'tap'
import { Secret } from '../../../src/core/secret.js'
import { checkServer } from '../../../src/db/check-server.js'
import { silent } from '../../support/processes/database.js'

/** A message of PostgreSQL's protocol: its kind, its length including the length field, its content. */
function message(kind: string, content: string | Buffer): Buffer {
  const body = Buffer.from(content)
  const head = Buffer.alloc(5)
  head.write(kind)
  head.writeInt32BE(4 + body.length, 1)
  return Buffer.concat([head, body])
}

const LET_IN = message('R', Buffer.alloc(4))
const READY = message('Z', 'I')

t.test('a database that stops answering during the check counts as away', async t => {
  let unanswered = 0
  const server = createServer(socket => {
    socket.once('data', () => {
      socket.write(Buffer.concat([LET_IN, READY]))
      // Answers the settings of the session, and nothing after them.
      socket.once('data', () => {
        socket.write(Buffer.concat([message('C', 'SET\0'), READY]))
        socket.on('data', () => unanswered++)
      })
    })
    socket.on('error', () => undefined)
  })
  t.teardown(() => server.close())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const url = new Secret(`postgres://consentry@127.0.0.1:${port}/consentry`)
  await t.rejects(checkServer(url, silent), { code: 'db.unavailable' })
  t.ok(unanswered > 0, 'the server got a query after the settings')
})
