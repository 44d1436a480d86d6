import { randomBytes } from 'node:crypto'
import type { Secret } from '../../core/secret.js'
import { words } from '../../core/words.js'
import type { SqlChange, StepPlan } from './change.js'

/** Names of roles and database. */
const OWNER = 'consentry_owner'
const SERVICE = 'consentry'
const CONSOLE = 'consentry_console'
const DATABASE = 'consentry'

/** A server, accessed as its superuser. */
export interface Superuser {
  /** Host and port under which the service reaches the server. */
  address: string
  /** @returns the first column of each row */
  ask(sql: string): Promise<string[]>
  /** Carries statements out on a database of the server. */
  run(database: string, statements: readonly string[]): Promise<void>
}

/** The URLs of the roles. */
export interface DatabaseUrls {
  service: string
  console: string
  owner: string
}

/** The URLs that are set already. */
export type KnownUrls = Record<keyof DatabaseUrls, Secret | string | undefined>

/** The plan of the roles, and the URLs as they are afterwards. */
export interface DatabasePlan extends StepPlan {
  /** URLs that are not set yet. Empty for the embedded database. */
  urls: Partial<DatabaseUrls>
}

const TITLE = words('Database', 'База данных')

/** The plan of an installation whose database runs with the service. */
export const EMBEDDED_DATABASE: DatabasePlan = {
  title: TITLE,
  found: [
    words(
      'The embedded PostgreSQL runs with the service, in its data folder.',
      'Встроенный PostgreSQL работает вместе со службой, в её папке данных.',
    ),
  ],
  changes: [],
  todo: [],
  urls: {},
}

/**
 * Plans roles and database on a server. A role that has no URL in the settings gets a new password; the others are left alone.
 *
 * @throws AppError `db.unavailable` if the server does not answer its superuser
 */
export async function planDatabase(superuser: Superuser, known: KnownUrls): Promise<DatabasePlan> {
  const roles = await superuser.ask('select rolname from pg_roles')
  const databases = await superuser.ask('select datname from pg_database')
  const logging = [...(await loggingSql(SERVICE, superuser)), ...(await loggingSql(CONSOLE, superuser))]
  const passwords = {
    owner: newPassword(known.owner),
    service: newPassword(known.service),
    console: newPassword(known.console),
  }
  const statements = [
    ...roleSql(OWNER, roles, passwords.owner),
    ...roleSql(SERVICE, roles, passwords.service),
    ...roleSql(CONSOLE, roles, passwords.console),
    ...logging,
    ...(databases.includes(DATABASE)
      ? []
      : [
          `create database ${DATABASE} owner ${OWNER}`,
          `revoke all on database ${DATABASE} from public`,
          `grant connect on database ${DATABASE} to ${SERVICE}, ${CONSOLE}`,
        ]),
  ]
  const secrets = Object.values(passwords).filter(one => one !== undefined)
  const change: SqlChange = { do: 'sql', database: 'postgres', statements, secrets }
  const exists = databases.includes(DATABASE)
  return {
    title: TITLE,
    found: [
      exists
        ? words(
            `PostgreSQL at ${superuser.address} has the database.`,
            `В PostgreSQL (${superuser.address}) база есть.`,
          )
        : words(
            `PostgreSQL at ${superuser.address} has no database yet.`,
            `В PostgreSQL (${superuser.address}) базы ещё нет.`,
          ),
    ],
    changes: statements.length > 0 ? [change] : [],
    todo: [],
    urls: {
      ...(passwords.service && { service: urlOf(SERVICE, passwords.service, superuser) }),
      ...(passwords.console && { console: urlOf(CONSOLE, passwords.console, superuser) }),
      ...(passwords.owner && { owner: urlOf(OWNER, passwords.owner, superuser) }),
    },
  }
}

/** A password with only letters and digits, which needs no quotes anywhere. */
const newPassword = (known: unknown): string | undefined =>
  known === undefined ? randomBytes(24).toString('hex') : undefined

function roleSql(role: string, roles: readonly string[], password: string | undefined): string[] {
  if (password !== undefined)
    return [`${roles.includes(role) ? 'alter' : 'create'} role ${role} login password '${password}'`]
  return roles.includes(role) ? [] : [`create role ${role} login`]
}

/** Settings of a role that keep callers' numbers out of the server's log, if they are missing. */
async function loggingSql(role: string, superuser: Superuser): Promise<string[]> {
  const [config = ''] = await superuser.ask(
    `select array_to_string(rolconfig, ',') from pg_roles where rolname = '${role}'`,
  )
  return ['log_error_verbosity=terse', 'log_parameter_max_length=0']
    .filter(setting => !config.split(',').includes(setting))
    .map(setting => `alter role ${role} set ${setting.replace('=', ' = ')}`)
}

const urlOf = (role: string, password: string, { address }: Superuser): string =>
  `postgres://${role}:${password}@${address}/${DATABASE}`
