import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { AppError } from '../../core/errors.js'
import { replaceSecretFile } from '../../lib/files/secret-file.js'
import { Client } from '../client.js'
import type { Access } from './access.js'
import { type Binaries, TOOL_ENV, withoutRoot } from './binaries.js'

const run = promisify(execFile)

/** How long a server that has just started may take to accept its superuser, ms. */
const CONNECT_MS = 15_000

/** Names of the database and of its roles. The owner may change the schema, service and console may not. */
export const DATABASE = 'consentry'
export const OWNER_ROLE = 'consentry_owner'
export const SERVICE_ROLE = 'consentry'
export const CONSOLE_ROLE = 'consentry_console'

/**
 * Creates the cluster's folder unless it exists. The folder gets its name only when it is complete, so that the next
 * start repeats an interrupted creation.
 *
 * @returns path of the folder
 * @throws AppError `tool.failed` with the last lines of initdb's errors
 */
export async function ensureCluster(dir: string, binaries: Binaries, access: Access): Promise<string> {
  const cluster = join(dir, 'cluster')
  if (existsSync(cluster)) return cluster
  const unfinished = join(dir, 'cluster.new')
  const passwordFile = join(dir, 'password')
  await rm(unfinished, { recursive: true, force: true })
  await replaceSecretFile(passwordFile, access.passwords.postgres)
  const [program, ...args] = withoutRoot([
    binaries.initdb,
    `--pgdata=${unfinished}`,
    '--username=postgres',
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--data-checksums',
    // Files of the write-ahead log have 4 MB instead of 16 MB: a commit waits until a new file is filled with zeros and
    // synced.
    '--wal-segsize=4',
    '--encoding=UTF8',
    // Text has the same order on every machine, even without locales.
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
  ])
  try {
    await run(program!, args, { env: TOOL_ENV, cwd: dir })
  } catch (error) {
    const lastLines = String((error as { stderr?: unknown }).stderr ?? error)
      .trim()
      .split('\n')
      .slice(-3)
      .join(' ')
    throw new AppError(
      'tool.failed',
      `PostgreSQL's initdb failed in ${dir}: ${lastLines}. Remove the cause and start again.`,
    )
  } finally {
    await rm(passwordFile, { force: true })
  }
  await rename(unfinished, cluster)
  return cluster
}

/** Creates the roles and the database. It is safe to run again. */
export async function prepareRoles(adminUrl: string, { passwords }: Access): Promise<void> {
  const client = new Client({ connectionString: adminUrl, connectionTimeoutMillis: CONNECT_MS })
  await client.connect()
  try {
    for (const [role, password] of [
      [OWNER_ROLE, passwords.owner],
      [SERVICE_ROLE, passwords.service],
      [CONSOLE_ROLE, passwords.console],
    ] as const) {
      const { rowCount } = await client.query('select from pg_roles where rolname = $1', [role])
      await client.query(
        `${rowCount ? 'alter' : 'create'} role ${role} login password ${client.escapeLiteral(password)}`,
      )
    }
    const { rowCount } = await client.query('select from pg_database where datname = $1', [DATABASE])
    if (!rowCount) await client.query(`create database ${DATABASE} owner ${OWNER_ROLE}`)
    await client.query(`revoke all on database ${DATABASE} from public`)
    await client.query(`grant connect on database ${DATABASE} to ${SERVICE_ROLE}, ${CONSOLE_ROLE}`)
  } finally {
    await client.end()
  }
}
