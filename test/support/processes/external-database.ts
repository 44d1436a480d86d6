import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Test } from 'tap'
import { labPort } from '../../../lab/ports.js'
import { type Connection, connect } from '../../../src/db/connection.js'
import { readAccess } from '../../../src/db/embedded/access.js'
import { endWithParent, findBinaries, TOOL_ENV, withoutRoot } from '../../../src/db/embedded/binaries.js'
import { scratch, until } from './database.js'
import { prepareDatabase } from './prepared-database.js'

export interface ExternalDatabase {
  dir: string
  port: number
  url: string
  adminUrl: string
  /** Connection of PostgreSQL's superuser, closed when the test ends. */
  superuser: Connection
  /** @returns the server's log */
  logged(): string
}

/**
 * Starts a real PostgreSQL with the current schema, but without the settings of the embedded one, as a server that an operator
 * has set up.
 *
 * @param settings `name=value` for `postgres -c`
 */
export async function startExternalDatabase(
  t: Test,
  settings: (dir: string) => string[] | Promise<string[]>,
): Promise<ExternalDatabase> {
  const dir = join(await scratch(t), 'db')
  await prepareDatabase(dir)
  const { passwords } = await readAccess(dir)
  const port = await labPort('tcp')
  const { postgres } = await findBinaries()
  const own = ['listen_addresses=127.0.0.1', ...(await settings(dir))].flatMap(one => ['-c', one])
  const [program, ...args] = withoutRoot(
    endWithParent([postgres, '-D', join(dir, 'cluster'), '-k', '', '-p', String(port), ...own]),
  )
  const child = spawn(program!, args, { env: TOOL_ENV, cwd: dir, stdio: ['ignore', 'ignore', 'pipe'] })
  let log = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log += text
  })
  t.teardown(async () => {
    child.kill('SIGINT')
    await once(child, 'exit')
  })
  const urlOf = (role: string, password: string) =>
    `postgres://${role}:${password}@127.0.0.1:${port}/consentry`
  const reach = () => connect(urlOf('postgres', passwords.postgres), 'test')
  let superuser: Connection | undefined
  await until(async () => {
    superuser = await reach().catch(() => undefined)
    return superuser !== undefined
  })
  t.teardown(() => superuser!.cut())
  return {
    dir,
    port,
    url: urlOf('consentry', passwords.service),
    adminUrl: urlOf('consentry_owner', passwords.owner),
    superuser: superuser!,
    logged: () => log,
  }
}
