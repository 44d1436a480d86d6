// Real: PostgreSQL with TLS, a certificate authority made for it. Fake: none.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { newCallId } from '../../../src/core/ids.js'
import { connect } from '../../../src/db/connection.js'
import { openDatabase, sql } from '../../../src/db/database.js'
import { migrate } from '../../../src/db/migrate.js'
import { startJournal } from '../../../src/journal/journal.js'
import { asked } from '../../support/data/call-events.js'
import { makeCertificates } from '../../support/data/certificates.js'
import { APPEND_LIMIT_MS } from '../../support/data/journal.js'
import { silent, until } from '../../support/processes/database.js'
import { startExternalDatabase } from '../../support/processes/external-database.js'

t.setTimeout(300_000)

const server = await startExternalDatabase(t, async dir => {
  const { ca, cert, key } = makeCertificates('localhost')
  for (const [name, content] of Object.entries({ ca, cert, key, other: makeCertificates('localhost').ca }))
    await writeFile(join(dir, `${name}.pem`), content, { mode: 0o600 })
  return ['ssl=on', `ssl_cert_file=${join(dir, 'cert.pem')}`, `ssl_key_file=${join(dir, 'key.pem')}`]
})

/** The service's URL with TLS, by host name and certificate authority. */
function urlBy(host: string, ca: string, of = server.url): string {
  const url = new URL(of)
  url.hostname = host
  url.search = `sslmode=verify-full&sslrootcert=${join(server.dir, ca)}`
  return url.href
}

t.test('with sslmode=verify-full every connection is encrypted', async t => {
  const url = urlBy('localhost', 'ca.pem')
  await migrate(urlBy('localhost', 'ca.pem', server.adminUrl), { service: 'consentry' })
  const db = openDatabase(url)
  const journal = startJournal(url, silent)
  await journal.append([asked(newCallId(), 1)], APPEND_LIMIT_MS)
  await sql`select`.execute(db)
  const encrypted = async () => {
    const { rows } = await server.superuser.query<{ application_name: string; ssl: boolean }>(
      `select distinct application_name, ssl from pg_stat_ssl join pg_stat_activity using (pid)
       where usename = 'consentry' order by application_name`,
    )
    return rows
  }
  // The journal opens its connections in no fixed order.
  await until(async () => (await encrypted()).length >= 3)
  t.strictSame(await encrypted(), [
    { application_name: 'consentry', ssl: true },
    { application_name: 'consentry answers', ssl: true },
    { application_name: 'consentry journal', ssl: true },
  ])
  await journal.stop()
  await db.close()
})

t.test('a server without a valid certificate is refused, and the message says why', async t => {
  const told = (url: string) => connect(url, 'test').catch((error: Error) => error)
  t.match(await told(urlBy('127.0.0.1', 'ca.pem')), {
    code: 'db.unavailable',
    message: /its certificate belongs to another host/,
  })
  t.match(await told(urlBy('localhost', 'other.pem')), {
    code: 'db.unavailable',
    message: /no trusted authority signed its certificate/,
  })
  const missing = { code: 'config.invalid', message: /certificate that cannot be read: .*nowhere\.pem/ }
  t.match(await told(urlBy('localhost', 'nowhere.pem')), missing)
  await t.rejects(migrate(urlBy('localhost', 'nowhere.pem', server.adminUrl)), missing)
})
