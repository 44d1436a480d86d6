import { existsSync, lstatSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { AppError } from '../shared/errors.js'
import type { Operator } from '../shared/operator.js'
import { Secret } from '../shared/secret.js'
import {
  address,
  apiToken,
  countFrom,
  cron,
  databaseUrl,
  days,
  httpUrl,
  identities,
  jsonOrFile,
  keyStore,
  logOrigin,
  operator,
  path,
  recipients,
  store,
  witnessKey,
} from './fields.js'
import { foldersOf } from './storage-locations.js'
import { findUnknownNames, type UnknownName } from './unknown-names.js'

const word = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'give letters, digits, dots, hyphens')

/** Every variable that is read, by its name outside. */
const environment = z.object({
  DATABASE_URL: databaseUrl.optional(),
  DATABASE_ADMIN_URL: databaseUrl.optional(),
  CONSENTRY_DATA: path.prefault('./var'),
  CONSENTRY_NODE: word.prefault(() => hostname() || 'consentry'),
  CONSENTRY_LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  CONSENTRY_HTTP: address.prefault('127.0.0.1:8080'),
  CONSENTRY_API_TOKEN: apiToken.optional(),
  CONSENTRY_TAP_DIR: path.optional(),
  CONSENTRY_STORE: store.optional(),
  CONSENTRY_KEYSTORE: keyStore.optional(),
  CONSENTRY_RECIPIENTS: jsonOrFile.pipe(recipients).default([]),
  CONSENTRY_IDENTITY: jsonOrFile.pipe(identities).optional(),
  CONSENTRY_FFMPEG: z.string().default('ffmpeg'),
  CONSENTRY_PROMPTS: path.optional(),
  CONSENTRY_OPERATOR: operator.optional(),
  CONSENTRY_CHROMIUM: z.string().default('chromium'),
  CONSENTRY_RETENTION_CRON: cron.prefault('17 * * * *'),
  CONSENTRY_PERSONAL_DAYS: days.prefault('30'),
  CONSENTRY_AUDIT_CRON: cron.prefault('43 3 * * *'),
  CONSENTRY_MAX_RECORDINGS: countFrom(0).prefault('0'),
  CONSENTRY_MAX_LAG: countFrom(50, ', in ms').prefault('500'),
  CONSENTRY_SILENT_LEG: countFrom(6, ', in s: the first sound of a call takes 4.1 s').prefault('30'),
  CONSENTRY_LOG_ORIGIN: logOrigin.optional(),
  CONSENTRY_LOG_KEY: path.optional(),
  CONSENTRY_WITNESS_URL: httpUrl.optional(),
  CONSENTRY_WITNESS_KEY: witnessKey.optional(),
  ARI_URL: httpUrl.prefault('http://127.0.0.1:8088'),
  ARI_USERNAME: z.string().optional(),
  ARI_PASSWORD: z.string().optional(),
  ARI_APP: word.prefault('consentry'),
})

/** What `serve` cannot do without; the other verbs never speak to the PBX. */
const NEEDED_BY_SERVICE = ['ARI_USERNAME', 'ARI_PASSWORD'] as const

/** Everything that is set from outside, checked and complete. Paths are absolute. */
export type Config = ReturnType<typeof arrange> & {
  /** What is set under a name like ours and has no effect. */
  unknownNames: readonly UnknownName[]
}

/**
 * Reads the environment. A variable that is set to nothing counts as not set.
 *
 * @param use `service` also needs the access to the PBX; `tool` is a verb that runs beside it
 * @throws AppError `config.invalid` that names every faulty variable and says what to give
 */
export function readConfig(
  env: Record<string, string | undefined>,
  use: 'service' | 'tool' = 'service',
): Config {
  const set = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value !== ''),
  )
  const parsed = environment.safeParse(set)
  const faults = (parsed.error?.issues ?? []).map(({ path, message }) => {
    const [name, ...below] = path.map(String)
    return `${name}${below.length ? ` (${below.join('.')})` : ''}: ${message}`
  })
  if (use === 'service') {
    if (set['DATABASE_ADMIN_URL'] !== undefined)
      faults.push('DATABASE_ADMIN_URL: the service must not have it; give it to `consentry migrate` alone')
    for (const name of NEEDED_BY_SERVICE) {
      if (set[name] === undefined) faults.push(`${name}: give what stands in the PBX's ari.conf`)
    }
  }
  if ((set['CONSENTRY_WITNESS_URL'] === undefined) !== (set['CONSENTRY_WITNESS_KEY'] === undefined)) {
    faults.push('CONSENTRY_WITNESS_URL, CONSENTRY_WITNESS_KEY: give both, or neither')
  }
  if (!parsed.success || faults.length > 0) {
    throw new AppError(
      'config.invalid',
      `The environment is not valid.\n${faults.map(fault => `  ${fault}`).join('\n')}`,
    )
  }
  const arranged = arrange(parsed.data)
  refuseSharedFolders(arranged)
  const unknownNames = findUnknownNames(set, Object.keys(environment.shape))
  return freezeDeep({ ...arranged, unknownNames })
}

/** What a service makes for itself is not made among keys or recordings. @throws AppError `config.invalid` */
function refuseSharedFolders({ data, tapDir, store, keystore }: ReturnType<typeof arrange>): void {
  for (const place of [...foldersOf(store), ...foldersOf(keystore)])
    for (const [setting, folder] of Object.entries({ CONSENTRY_DATA: data, CONSENTRY_TAP_DIR: tapDir }))
      if (folder === place || folder.startsWith(`${place}/`))
        throw new AppError(
          'config.invalid',
          `${setting} is ${folder}, where keys or recordings are: give it a folder of its own`,
        )
}

function arrange(env: z.infer<typeof environment>) {
  const data = env.CONSENTRY_DATA
  return {
    data,
    node: env.CONSENTRY_NODE,
    logLevel: env.CONSENTRY_LOG_LEVEL,
    http: env.CONSENTRY_HTTP,
    /** Lets a program pause recordings; without one, nothing listens for that. */
    apiToken: env.CONSENTRY_API_TOKEN,
    /** Without `url`, an embedded database below `data`. */
    database: { url: env.DATABASE_URL },
    ari: {
      url: env.ARI_URL,
      username: env.ARI_USERNAME ?? '',
      password: new Secret(env.ARI_PASSWORD ?? ''),
      app: env.ARI_APP,
    },
    tapDir: env.CONSENTRY_TAP_DIR ?? defaultTapDir(env.CONSENTRY_HTTP.port, data),
    store: env.CONSENTRY_STORE ?? `file:${join(data, 'store')}`,
    keystore: env.CONSENTRY_KEYSTORE ?? `file:${join(data, 'keys')}`,
    /** Whom recordings are sealed for; without any, nothing can be recorded. */
    recipients: env.CONSENTRY_RECIPIENTS,
    /** Who can open recordings; as JSON, for `parseIdentities`. */
    identities: env.CONSENTRY_IDENTITY && new Secret(identityJson(env.CONSENTRY_IDENTITY)),
    ffmpeg: env.CONSENTRY_FFMPEG,
    /** Who answers for the recordings; without it, documents leave lines to fill in by hand. */
    operator: env.CONSENTRY_OPERATOR satisfies Operator | undefined,
    chromium: env.CONSENTRY_CHROMIUM,
    promptDir: env.CONSENTRY_PROMPTS ?? join(data, 'prompts'),
    /** For how many days from the beginning of a call its personal data is kept; a recording of the call prolongs this. */
    personalDays: env.CONSENTRY_PERSONAL_DAYS,
    /** When the service purges, and when it audits what it keeps; as crontab(5) has it. */
    schedules: { retention: env.CONSENTRY_RETENTION_CRON, audit: env.CONSENTRY_AUDIT_CRON },
    limits: {
      /** With so many recorded or being asked, new calls pass; infinite if only the system's limits count. */
      maxRecordings: env.CONSENTRY_MAX_RECORDINGS || Number.POSITIVE_INFINITY,
      /** A service that is so late asks no new calls, ms. */
      maxLagMs: env.CONSENTRY_MAX_LAG,
      /** So long may nothing be heard of one side of a recorded call, ms. */
      silentLegMs: env.CONSENTRY_SILENT_LEG * 1000,
    },
    log: {
      dir: join(data, 'log'),
      /** Not below `dir`, which is there to be published. */
      keyFile: env.CONSENTRY_LOG_KEY ?? join(data, 'log.key'),
      /** What a new log is called. */
      origin: env.CONSENTRY_LOG_ORIGIN ?? `${env.CONSENTRY_NODE}/consentry`,
      witness:
        env.CONSENTRY_WITNESS_URL && env.CONSENTRY_WITNESS_KEY
          ? { url: env.CONSENTRY_WITNESS_URL, key: env.CONSENTRY_WITNESS_KEY }
          : undefined,
    },
  }
}

/** Where a package or the operator has made the folder; else in memory, one for each user and service. */
function defaultTapDir(httpPort: number, data: string): string {
  const prepared = '/run/consentry/tap'
  if (existsSync(prepared)) return prepared
  const own = `/dev/shm/consentry-${process.getuid?.()}-${httpPort}`
  // Every user of the machine can take that name. That must not keep the service from starting.
  const taken = lstatSync(own, { throwIfNoEntry: false })
  return taken && taken.uid !== process.getuid?.() ? join(data, 'run', 'tap') : own
}

const identityJson = (list: z.infer<typeof identities>): string =>
  JSON.stringify(list, (_, value: unknown) =>
    value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value,
  )

/** Frozen all the way down, but for the bytes of keys, which JavaScript cannot freeze. */
function freezeDeep<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value)) {
    Object.freeze(value)
    for (const inner of Object.values(value)) freezeDeep(inner)
  }
  return value
}
