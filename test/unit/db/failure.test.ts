// Real: the message about a failed connection. Fake: the error that Node reports.
import t from 'tap'
import { connectionFailed } from '../../../src/db/failure.js'

const system = (code: string) => Object.assign(new Error(`connect ${code} as anna`), { code })

t.test('the message names a database by host and port, or by the folder of its socket', async t => {
  const failure = (host: string, database?: string) =>
    connectionFailed(system('EHOSTUNREACH'), { host, port: 5432, database }, 'DATABASE_ADMIN_URL')
  const rest =
    'cannot be reached: EHOSTUNREACH; check that PostgreSQL runs there and that DATABASE_ADMIN_URL, if set, names it'
  t.match(failure('db', 'calls'), {
    code: 'db.unavailable',
    retryable: true,
    message: `The database "calls" at db:5432 ${rest}`,
  })
  t.equal(failure('::1').message, `The database at [::1]:5432 ${rest}`)
  t.equal(failure('/run/postgresql', 'calls').message, `The database "calls" at /run/postgresql ${rest}`)
})

t.test('the message explains common failures', async t => {
  const message = (code: string) => connectionFailed(system(code), { host: 'db', port: 5432 }).message
  t.match(
    message('ECONNREFUSED'),
    /: no program accepts connections there \(ECONNREFUSED\); .* DATABASE_URL, if/,
  )
  t.match(message('ENOTFOUND'), /: there is no such host \(ENOTFOUND\); /)
})
