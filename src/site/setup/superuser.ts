import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { serversIn } from '../../core/database-servers.js'
import { AppError } from '../../core/errors.js'
import type { Secret } from '../../core/secret.js'
import { connect } from '../../db/connection.js'
import { childEnv } from '../../lib/process/child-env.js'
import { findOnPath } from '../../lib/process/find-on-path.js'
import type { Superuser } from './database.js'

/**
 * The superuser of the PostgreSQL on this machine, as Debian sets it up: the user `postgres` of the system, who needs no password.
 *
 * @throws AppError `tool.missing` without PostgreSQL or runuser(1)
 */
export async function localSuperuser(): Promise<Superuser> {
  const ask = async (sql: string) => (await psql('postgres', sql)).split('\n').filter(line => line !== '')
  const [port = '5432'] = await ask('show port')
  return {
    address: `127.0.0.1:${port}`,
    ask,
    async run(database, statements) {
      // `create database` runs in no transaction, so each statement is one.
      await psql(database, statements.map(one => `${one};\n`).join(''))
    },
  }
}

/** Longest time for statements, ms. PostgreSQL takes a second to make a database. */
const PSQL_MS = 60_000

/** Runs statements by psql(1). They go over its input, because a command line is visible to all. */
async function psql(database: string, sql: string): Promise<string> {
  const words = ['-u', 'postgres', '--', 'psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-d', database]
  const runuser = await findOnPath('runuser')
  if (runuser === undefined)
    throw new AppError(
      'tool.missing',
      'There is no program runuser: install util-linux, name a superuser with --superuser, or choose --database embedded.',
    )
  const child = spawn(runuser, words, {
    ...{ cwd: '/', env: childEnv(), timeout: PSQL_MS },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  child.stdin.on('error', () => {})
  child.stdin.end(sql)
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
  if (code === 0) return out
  // The statement has passwords, and psql quotes it in its second line.
  const why = err
    .trim()
    .split('\n')[0]
    ?.replace(/password '[^']*'/g, "password '…'")
  const reason = why || `no answer within ${PSQL_MS / 1_000} s`
  throw new AppError(
    'tool.missing',
    `PostgreSQL of this machine does not answer its superuser: ${reason}. Install postgresql and start it, name a superuser with --superuser, or choose --database embedded.`,
  )
}

/** The superuser behind a URL, which may name several servers. @throws AppError `db.unavailable`; `request.invalid` if it is no URL */
export async function superuserAt(url: Secret): Promise<Superuser> {
  const address = addressIn(url)
  const query = async <Row>(sql: string): Promise<Row[]> => {
    const connection = await connect(url, 'setup')
    try {
      return (await connection.query<Row>(sql)).rows
    } catch (error) {
      const { message } = error as Error
      throw new AppError('db.unavailable', `The superuser that --superuser names is refused: ${message}`)
    } finally {
      await connection.close()
    }
  }
  return {
    address,
    ask: async sql => (await query<object>(sql)).map(row => String(Object.values(row)[0] ?? '')),
    async run(_, statements) {
      for (const one of statements) await query(one)
    },
  }
}

/** Hosts and ports of a URL, as the URLs of the service name them. */
function addressIn(url: Secret): string {
  try {
    return serversIn(url.reveal())
      .map(one => new URL(one).host)
      .join(',')
  } catch {
    // The error quotes the URL, which has the password.
    throw new AppError(
      'request.invalid',
      'The URL of the superuser is malformed: postgres://role:password@host:port/postgres, or host:port,host:port. Write %40 for @ in a password.',
    )
  }
}
