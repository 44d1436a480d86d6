// Real: the code of the lock. Fake: the connection, which gives the lock at once.
import t from 'tap'
import type { Connection } from '../../../src/db/connection.js'
import { withSessionLock } from '../../../src/db/session-lock.js'

function fakeConnection(): { connection: Connection; lose(): void } {
  let lose = () => {}
  const connection: Connection = {
    query: async <Row>() => ({ rows: [{ held: true }] as unknown[] as Row[], command: 'SELECT' }),
    onLost: callback => {
      lose = callback
    },
    onNotification: () => undefined,
    cut: () => undefined,
    close: async () => undefined,
  }
  return { connection, lose: () => lose() }
}

t.test('the work is told that its lock is lost with the connection', async t => {
  const { connection, lose } = fakeConnection()
  const db = { connect: async () => connection }
  const working = withSessionLock(db, { name: 'purge', purpose: 'rotation' }, async lost => {
    t.notOk(lost.aborted)
    lose()
    lost.throwIfAborted()
  })
  await t.rejects(working, { code: 'db.unavailable', retryable: true })
})
