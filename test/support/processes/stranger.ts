import type { Test } from 'tap'
import { type Connection, connect } from '../../../src/db/connection.js'
import type { EmbeddedServer } from '../../../src/db/embedded.js'

/**
 * Connects as a role that may connect to the database and nothing else.
 *
 * @param superuser creates the role
 */
export async function asStranger(
  t: Test,
  server: Pick<EmbeddedServer, 'url'>,
  superuser: Connection,
): Promise<Connection> {
  await superuser.query(`create role stranger login password 'stranger'`)
  await superuser.query('grant connect on database consentry to stranger')
  const url = new URL(server.url)
  url.username = url.password = 'stranger'
  const connection = await connect(url.href, 'stranger')
  t.teardown(() => connection.cut())
  return connection
}
