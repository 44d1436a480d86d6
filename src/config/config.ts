// Settings come from environment variables. They are read and checked once, at the start. A setting is declared in
// `environment` below, its form in fields.ts, and its place in `Config` in `arrange`.

import { existsSync, lstatSync } from 'node:fs'
import { isIP } from 'node:net'
import { hostname } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { z } from 'zod'
import { AppError } from '../core/errors.js'
import type { Operator } from '../core/operator.js'
import { Secret } from '../core/secret.js'
import { SHERPA_KINDS } from '../core/speech-engines.js'
import { words } from '../core/words.js'
import { useLanguages } from '../languages/languages.js'
import type { Log } from '../lib/log.js'
import { nearestName } from '../lib/nearest.js'
import {
  address,
  addresses,
  addressOrOff,
  apiToken,
  countFrom,
  cron,
  databaseUrl,
  days,
  hosts,
  httpUrl,
  identities,
  identityJson,
  insideEndpoints,
  jsonOrFile,
  keyStore,
  logOrigin,
  nodeId,
  operator,
  origin,
  path,
  probeLines,
  recipients,
  ringEndpoints,
  store,
  witnessKey,
} from './fields.js'
import { ownRecipientsFile, readOwnRecipients } from './own-recipients.js'
import { readSecretFiles, SECRET_FILE_NAMES } from './settings-file.js'
import { foldersOf } from './storage-locations.js'

const ipAddress = z.string().refine(text => isIP(text) > 0, 'give an IP address of this machine')
const webSocket = z
  .string()
  .regex(/^wss?:\/\/[^\s/?#@]+(\/[^\s?#@]*)?$/, 'give ws://host:port, without user and password')
  .refine(
    url => url.startsWith('wss:') || isThisHost(new URL(url).hostname.replace(/^\[|\]$/g, '')),
    'another host would hear callers in clear: give wss://…',
  )
const sherpaModel = z.string().transform((text, context) => {
  const [, word, folder = ''] = /^([a-z0-9-]+):(.+)$/.exec(text) ?? []
  const kind = SHERPA_KINDS.find(one => one === word)
  if (kind && isAbsolute(folder)) return { kind, folder }
  context.addIssue(`give kind:/folder, where the kind is one of ${SHERPA_KINDS.join(', ')}`)
  return z.NEVER
})

/** The variables about spoken answers. */
const hearingVariables = {
  CONSENTRY_EAR_HOST: ipAddress.prefault('127.0.0.1'),
  CONSENTRY_EAR_STREAMS: countFrom(0).prefault('20'),
  CONSENTRY_SPEECH_MODELS: path.prefault('/'),
  CONSENTRY_VOSK_RU: webSocket.optional(),
  CONSENTRY_VOSK_EN: webSocket.optional(),
  CONSENTRY_SHERPA_RU: sherpaModel.optional(),
  CONSENTRY_SHERPA_EN: sherpaModel.optional(),
}

/** Groups them for the speech process. */
function arrangeHearing(
  env: z.infer<z.ZodObject<typeof hearingVariables>> & { CONSENTRY_INSIDE_HOSTS: string[] },
) {
  return {
    host: env.CONSENTRY_EAR_HOST,
    /** Most callers heard at once. 0: spoken answers are off. */
    streams: env.CONSENTRY_EAR_STREAMS,
    /** The folder below which pocketsphinx and its model are. */
    root: env.CONSENTRY_SPEECH_MODELS,
    vosk: byLanguage(env.CONSENTRY_VOSK_RU, env.CONSENTRY_VOSK_EN),
    insideHosts: env.CONSENTRY_INSIDE_HOSTS,
    sherpa: byLanguage(env.CONSENTRY_SHERPA_RU, env.CONSENTRY_SHERPA_EN),
  }
}

const byLanguage = <T>(ru: T | undefined, en: T | undefined): { ru?: T; en?: T } => ({
  ...(ru !== undefined && { ru }),
  ...(en !== undefined && { en }),
})

const word = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'give letters, digits, dots, hyphens')

/** All variables that are read, by name. */
const environment = z.object({
  DATABASE_URL: databaseUrl.optional(),
  DATABASE_ADMIN_URL: databaseUrl.optional(),
  DATABASE_CONSOLE_URL: databaseUrl.optional(),
  CONSENTRY_DATA: path.prefault('./var'),
  CONSENTRY_NODE: word.prefault(() => hostname() || 'consentry'),
  CONSENTRY_REPLACES: nodeId.optional(),
  CONSENTRY_LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  CONSENTRY_HTTP: address.prefault('127.0.0.1:8080'),
  CONSENTRY_CONSOLE: addressOrOff.prefault('127.0.0.1:8081'),
  CONSENTRY_CONSOLE_ORIGIN: origin.optional(),
  CONSENTRY_CONSOLE_CERTIFICATE: path.optional(),
  CONSENTRY_CONSOLE_KEY: path.optional(),
  CONSENTRY_CONSOLE_PROXIES: addresses.prefault(''),
  CONSENTRY_CONSOLE_SECOND_FACTOR: z.enum(['required', 'optional']).default('required'),
  CONSENTRY_API_TOKEN: apiToken.optional(),
  CONSENTRY_TAP_DIR: path.optional(),
  CONSENTRY_KEEPER_SOCKET: path.optional(),
  CONSENTRY_STORE: store.optional(),
  CONSENTRY_KEYSTORE: keyStore.optional(),
  CONSENTRY_RECIPIENTS: jsonOrFile.pipe(recipients).optional(),
  CONSENTRY_IDENTITY: jsonOrFile.pipe(identities).optional(),
  CONSENTRY_FFMPEG: z.string().default('ffmpeg'),
  CONSENTRY_PROMPTS: path.optional(),
  CONSENTRY_LANGUAGES: path.optional(),
  CONSENTRY_SPEECH_URL: httpUrl.optional(),
  ...hearingVariables,
  CONSENTRY_OPERATOR: operator.optional(),
  CONSENTRY_CHROMIUM: z.string().default('chromium'),
  CONSENTRY_RETENTION_CRON: cron.prefault('17 * * * *'),
  CONSENTRY_PERSONAL_DAYS: days.prefault('30'),
  CONSENTRY_LINE_APPROVAL: z.enum(['off', 'required']).default('off'),
  CONSENTRY_RING_ENDPOINTS: ringEndpoints.prefault(''),
  CONSENTRY_INSIDE: insideEndpoints.prefault(''),
  CONSENTRY_PBX_RECORDS: z.enum(['alarm', 'stop']).default('alarm'),
  CONSENTRY_AUDIT_CRON: cron.prefault('43 3 * * *'),
  CONSENTRY_PROBE_LINES: probeLines.prefault(''),
  CONSENTRY_PROBE_CRON: cron.prefault('7 * * * *'),
  CONSENTRY_PROBE_CONTEXT: word.prefault('consentry-probe-call'),
  CONSENTRY_MAX_RECORDINGS: countFrom(0).prefault('0'),
  CONSENTRY_MAX_LAG: countFrom(50, ', in ms').prefault('300'),
  CONSENTRY_SILENT_LEG: countFrom(6, ', in s: the first sound of a call takes 4.1 s').prefault('30'),
  CONSENTRY_LOG_ORIGIN: logOrigin.optional(),
  CONSENTRY_LOG_KEY: path.optional(),
  CONSENTRY_WITNESS_URL: httpUrl.optional(),
  CONSENTRY_WITNESS_KEY: witnessKey.optional(),
  CONSENTRY_TIMESTAMP_URL: httpUrl.optional(),
  CONSENTRY_INSIDE_HOSTS: hosts.prefault(''),
  ARI_URL: httpUrl.prefault('http://127.0.0.1:8088'),
  ARI_USERNAME: z.string().optional(),
  ARI_PASSWORD: z.string().optional(),
  ARI_APP: word.prefault('consentry'),
  CONSENTRY_ARI_NETWORK: z.enum(['untrusted', 'trusted']).default('untrusted'),
})

/** Variables that `serve` needs. Other commands do not connect to the PBX. */
const NEEDED_BY_SERVICE = ['ARI_USERNAME', 'ARI_PASSWORD'] as const

/** The settings of the service, checked, with defaults. Paths are absolute. */
export type Config = ReturnType<typeof arrange> & {
  /** Variables named like settings that have no effect. */
  unknownNames: readonly UnknownName[]
}

/**
 * Reads the settings from the environment. An empty variable counts as not set.
 *
 * @param use `service` also needs the access to the PBX; `console` is the process of the API; `tool` is a command
 *   beside the service
 * @throws AppError `config.invalid`, whose message names each invalid variable with the remedy
 */
export function readConfig(
  env: Record<string, string | undefined>,
  use: 'service' | 'console' | 'tool' = 'service',
): Config {
  const given = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value !== ''),
  )
  const { values: set, faults } = readSecretFiles(given)
  const parsed = environment.safeParse(set)
  for (const { path, message } of parsed.error?.issues ?? []) {
    const [name, ...below] = path.map(String)
    faults.push(`${name}${below.length ? ` (${below.join('.')})` : ''}: ${message}`)
  }
  if (use !== 'tool' && set['DATABASE_ADMIN_URL'] !== undefined)
    faults.push(`DATABASE_ADMIN_URL: unset it for the ${use}; only \`consentry migrate\` may have it`)
  if (use === 'service') {
    for (const name of NEEDED_BY_SERVICE) {
      if (set[name] === undefined) faults.push(`${name}: give the value from the PBX's ari.conf`)
    }
  }
  if (use === 'service' && parsed.success) {
    const { ARI_URL, CONSENTRY_ARI_NETWORK } = parsed.data
    faults.push(...[ariNetworkFault(ARI_URL, CONSENTRY_ARI_NETWORK) ?? []].flat())
  }
  if (use === 'console' && set['CONSENTRY_CONSOLE'] === 'off')
    faults.push('CONSENTRY_CONSOLE: it is off; give host:port')
  if ((set['CONSENTRY_CONSOLE_CERTIFICATE'] === undefined) !== (set['CONSENTRY_CONSOLE_KEY'] === undefined)) {
    faults.push('CONSENTRY_CONSOLE_CERTIFICATE, CONSENTRY_CONSOLE_KEY: give both, or neither')
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
  // Checks of lines and prompts anywhere in this process depend on the languages.
  useLanguages(parsed.data.CONSENTRY_LANGUAGES)
  const unknownNames = findUnknownNames(given, [...Object.keys(environment.shape), ...SECRET_FILE_NAMES])
  return freezeDeep({ ...arranged, unknownNames })
}

/** Refuses a data folder or tap folder inside a store or key store. @throws AppError `config.invalid` */
function refuseSharedFolders({ data, tapDir, store, keystore }: ReturnType<typeof arrange>): void {
  for (const place of [...foldersOf(store), ...foldersOf(keystore)])
    for (const [setting, folder] of Object.entries({ CONSENTRY_DATA: data, CONSENTRY_TAP_DIR: tapDir }))
      if (folder === place || folder.startsWith(`${place}/`))
        throw new AppError(
          'config.invalid',
          `${setting} is ${folder}, inside a store or key store: give it a folder of its own`,
        )
}

type Environment = z.infer<typeof environment>

/** The name of a setting. */
export type SettingName = keyof typeof environment.shape

const arrange = (env: Environment) => ({
  node: env.CONSENTRY_NODE,
  replaces: env.CONSENTRY_REPLACES,
  logLevel: env.CONSENTRY_LOG_LEVEL,
  http: env.CONSENTRY_HTTP,
  /** Token with which programs pause recordings. Without it, that API is off. */
  apiToken: env.CONSENTRY_API_TOKEN,
  /** Without `url`, the service runs an embedded database in `data`, and the console uses that. */
  database: { url: env.DATABASE_URL, consoleUrl: env.DATABASE_CONSOLE_URL },
  ...{ ...arrangePlaces(env), ...arrangeConsole(env), ...arrangePbx(env) },
  ffmpeg: env.CONSENTRY_FFMPEG,
  chromium: env.CONSENTRY_CHROMIUM,
  /** An engine that synthesizes prompts, besides the installed ones. */
  speechUrl: env.CONSENTRY_SPEECH_URL,
  /** Hosts of witness, time stamps and engines whose names may resolve to addresses inside. */
  insideHosts: env.CONSENTRY_INSIDE_HOSTS,
  /** How spoken answers are heard. */
  hearing: arrangeHearing(env),
  /** The controller of the recordings. Without it, documents have lines to fill in by hand. */
  operator: env.CONSENTRY_OPERATOR satisfies Operator | undefined,
  /** Retention of a call's personal data, days from its start. A recording of the call prolongs it. */
  personalDays: env.CONSENTRY_PERSONAL_DAYS,
  /** Schedules of purge and audit, in the form of crontab(5). */
  schedules: { retention: env.CONSENTRY_RETENTION_CRON, audit: env.CONSENTRY_AUDIT_CRON },
  limits: {
    /** Calls being recorded or asked at which new calls are shed; infinite if only the system's limits count. */
    maxRecordings: env.CONSENTRY_MAX_RECORDINGS || Number.POSITIVE_INFINITY,
    /** Lag at which new calls are shed, ms. */
    maxLagMs: env.CONSENTRY_MAX_LAG,
    /** How long one leg of a recorded call may be silent, ms. */
    silentLegMs: env.CONSENTRY_SILENT_LEG * 1000,
  },
  log: arrangeLog(env),
})

/** Where data, audio, prompts and keys are. */
function arrangePlaces(env: Environment) {
  const data = env.CONSENTRY_DATA
  return {
    data,
    tapDir: env.CONSENTRY_TAP_DIR ?? defaultTapDir(env.CONSENTRY_HTTP.port, data),
    /** Socket of a keeper in a unit of its own. Undefined: the service starts a keeper itself. */
    keeperSocket: env.CONSENTRY_KEEPER_SOCKET,
    store: env.CONSENTRY_STORE ?? `file:${join(data, 'store')}`,
    keystore: env.CONSENTRY_KEYSTORE ?? `file:${join(data, 'keys')}`,
    /**
     * Recipients for whom key files are sealed, as read at the start. Without recipients, recordings are impossible.
     */
    recipients: env.CONSENTRY_RECIPIENTS ?? readOwnRecipients(ownRecipientsFile(data)),
    /** File of recipients that the console adds. Undefined: CONSENTRY_RECIPIENTS has all. */
    recipientsFile: env.CONSENTRY_RECIPIENTS ? undefined : ownRecipientsFile(data),
    /** Identities that open recordings, as JSON for `parseIdentities`. */
    identities: env.CONSENTRY_IDENTITY && new Secret(identityJson(env.CONSENTRY_IDENTITY)),
    promptDir: env.CONSENTRY_PROMPTS ?? join(data, 'prompts'),
  }
}

const arrangeConsole = (env: Environment) => ({
  /** Undefined: the service starts no console. */
  console: env.CONSENTRY_CONSOLE,
  /** The origin under which browsers reach the console. Undefined: the address on which it listens. */
  consoleOrigin: env.CONSENTRY_CONSOLE_ORIGIN,
  /** Files of the certificate with its chain, and of its secret key. Undefined: the console listens without TLS. */
  consoleTls:
    env.CONSENTRY_CONSOLE_CERTIFICATE && env.CONSENTRY_CONSOLE_KEY
      ? { certificate: env.CONSENTRY_CONSOLE_CERTIFICATE, key: env.CONSENTRY_CONSOLE_KEY }
      : undefined,
  /** Reverse proxies whose `X-Forwarded-…` headers count. */
  consoleProxies: env.CONSENTRY_CONSOLE_PROXIES,
  /** Whether people need a second factor to sign in to the console. */
  secondFactor: env.CONSENTRY_CONSOLE_SECOND_FACTOR,
  /** Whether a second person must approve a line before it comes into force. */
  lineApproval: env.CONSENTRY_LINE_APPROVAL,
  /** Phones that may be rung to hear a draft, by their names at the PBX. May be empty. */
  ringEndpoints: env.CONSENTRY_RING_ENDPOINTS.map(({ endpoint }) => endpoint),
  /** Names of these phones for people, in the same order. Undefined: no name. */
  ringNames: env.CONSENTRY_RING_ENDPOINTS.map(({ name }) => name),
})

/** The access to the PBX, and what is known about its calls. */
const arrangePbx = (env: Environment) => ({
  ari: {
    url: env.ARI_URL,
    username: env.ARI_USERNAME ?? '',
    password: new Secret(env.ARI_PASSWORD ?? ''),
    app: env.ARI_APP,
  },
  /** Phones of the company, and other rules to recognise them: see `insideBy` in `call/parties/`. Empty: unknown. */
  inside: env.CONSENTRY_INSIDE,
  /** Reaction if the PBX itself records a call whose caller is asked: an alarm, or also a stop of that recording. */
  pbxRecords: env.CONSENTRY_PBX_RECORDS,
  /** Lines that the service probes on a schedule, and the dialplan context in which it calls them. */
  probes: {
    lines: env.CONSENTRY_PROBE_LINES,
    cron: env.CONSENTRY_PROBE_CRON,
    context: env.CONSENTRY_PROBE_CONTEXT,
  },
})

function arrangeLog(env: Environment) {
  const { CONSENTRY_DATA: data, CONSENTRY_INSIDE_HOSTS: inside } = env
  const { CONSENTRY_WITNESS_URL: url, CONSENTRY_WITNESS_KEY: key } = env
  return {
    dir: join(data, 'log'),
    /** Secret key of the transparency log. Not in `dir`, because `dir` is published. */
    keyFile: env.CONSENTRY_LOG_KEY ?? join(data, 'log.key'),
    /** Name of a new log. */
    origin: env.CONSENTRY_LOG_ORIGIN ?? `${env.CONSENTRY_NODE}/consentry`,
    witness: url && key ? { url, key, inside } : undefined,
    /** The server that time-stamps checkpoints (RFC 3161). */
    timestamps: env.CONSENTRY_TIMESTAMP_URL ? { url: env.CONSENTRY_TIMESTAMP_URL, inside } : undefined,
  }
}

/** The tap folder that a package or the administrator has made, else one in memory for each user and service. */
function defaultTapDir(httpPort: number, data: string): string {
  const prepared = '/run/consentry/tap'
  if (existsSync(prepared)) return prepared
  const own = `/dev/shm/consentry-${process.getuid?.()}-${httpPort}`
  // Another user of the machine can make that folder first. The service must start nevertheless.
  const taken = lstatSync(own, { throwIfNoEntry: false })
  return taken && taken.uid !== process.getuid?.() ? join(data, 'run', 'tap') : own
}

/** Freezes a value and everything in it, except the bytes of keys, which JavaScript cannot freeze. */
function freezeDeep<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value)) {
    Object.freeze(value)
    for (const inner of Object.values(value)) freezeDeep(inner)
  }
  return value
}

const PREFIX = 'CONSENTRY_'

/** A variable named like a setting that is not read. */
interface UnknownName {
  name: string
  /** The most similar setting; undefined if none is similar. */
  meant: string | undefined
}

/**
 * Finds variables that begin with `CONSENTRY_` but are not read. Their values are not used.
 *
 * @param known all names that are read, with any prefix: `CONSENTRY_DATABASE_URL` may mean `DATABASE_URL`
 */
function findUnknownNames(env: Record<string, string | undefined>, known: readonly string[]): UnknownName[] {
  const bare = new Map(known.map(name => [withoutPrefix(name), name]))
  return Object.keys(env)
    .filter(name => name.startsWith(PREFIX) && !known.includes(name))
    .sort()
    .map(name => ({ name, meant: bare.get(nearestName(withoutPrefix(name), bare.keys()) ?? '') }))
}

const withoutPrefix = (name: string) => (name.startsWith(PREFIX) ? name.slice(PREFIX.length) : name)

/** The variables that the console needs. It has a role of its own in the database, and neither keys nor access to the PBX. */
const NEEDED =
  /^(DATABASE_CONSOLE_URL(_FILE)?|CONSENTRY_(DATA|NODE|LOG_LEVEL|HTTP|CONSOLE\w*|STORE|KEYSTORE|RECIPIENTS|PROMPTS|LANGUAGES|FFMPEG|OPERATOR|LINE_\w+|RING_\w+|SPEECH_\w+)|UV_THREADPOOL_SIZE)$/

/** The part of an environment that the console needs. */
export const consoleSettings = (env: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(env).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && NEEDED.test(entry[0]),
    ),
  )

/** The effect of missing rules about the company's phones. The service logs it at its start, and a check reports it. */
export const NO_INSIDE = words(
  'CONSENTRY_INSIDE is not set: only the first whom a caller reaches counts as a colleague, and a later participant, as after a transfer, pauses the recording',
  'CONSENTRY_INSIDE не задана: сотрудником считается только первый, с кем соединён звонящий, а любой следующий, например после перевода, приостанавливает запись',
)

/** Logs settings that have no effect, one that is missing, and one that the host of a service should not have. */
export function warnAboutSettings({ unknownNames, identities, inside }: Config, log: Log): void {
  for (const { name, meant } of unknownNames)
    log.warn(
      { setting: name, ...(meant && { meant }) },
      'there is no such setting: what was set by it does not hold',
    )
  if (inside.length === 0) log.warn(NO_INSIDE.en)
  if (identities)
    log.warn('CONSENTRY_IDENTITY is set: take it off this host, where no recording needs to be opened')
}

/**
 * Checks an address of ARI. ARI's password goes over the network with each request, and so do orders for calls. So
 * another host must be reached by HTTPS, unless the administrator declares the network trusted.
 *
 * @param url `http://host:port` or `https://host:port`
 * @returns undefined if the address is acceptable
 */
function ariNetworkFault(url: string, network: 'untrusted' | 'trusted'): string | undefined {
  const { protocol, hostname } = new URL(url)
  if (protocol === 'https:' || network === 'trusted' || isThisHost(hostname.replace(/^\[|\]$/g, '')))
    return undefined
  return 'ARI_URL: another host than this one is reached in clear: give https://…, or set CONSENTRY_ARI_NETWORK=trusted if no other party uses that network'
}

/** True if a host, as in a URL without brackets, is this machine. */
export const isThisHost = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
