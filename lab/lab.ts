import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { AppError } from '../src/core/errors.js'
import { openDatabase, sql } from '../src/db/database.js'
import { startEmbedded } from '../src/db/embedded.js'
import { setTrial } from '../src/db/installation.js'
import { migrate } from '../src/db/migrate.js'
import { makeFolders } from '../src/lib/files/make-folders.js'
import { createLog, type Log } from '../src/lib/log.js'
import { USUAL_PATH } from '../src/lib/process/child-env.js'
import { saveEnv } from './env-file.js'
import { findFfmpeg } from './ffmpeg.js'
import { httpGet } from './http-get.js'
import { prepareKeys } from './keys.js'
import { addLabAdmin, type Credentials } from './lab-admin.js'
import { saveLabLines } from './lab-lines.js'
import { type AsteriskVersion, type Pbx, startPbx } from './pbx.js'
import { LOOPBACK, labPort } from './ports.js'
import { endKeeper, keepersOf } from './process/end-keeper.js'
import { removeProtected } from './process/remove-protected.js'
import { Service } from './process/service.js'
import { pollUntil } from './process/start-process.js'
import { seedCalls } from './seed/seed-calls.js'
import { seedData } from './seed/seed-data.js'
import type { ToolOptions } from './tools/prepare-tools.js'
import { findSpeechModels } from './voice/speech-models.js'
import { findVoices } from './voices.js'

/** Longest time until the console answers, ms. */
const CONSOLE_LIMIT_MS = 30_000
/** Longest time for an answer of the console, ms. */
const CONSOLE_ANSWER_MS = 1_000

export interface LabOptions extends ToolOptions {
  /** The lab's folder; by default a temporary one that is removed at the end. */
  data?: string | undefined
  sipPort?: number | undefined
  httpPort?: number | undefined
  /** Runs the console too. */
  console?: boolean | undefined
  /** Has data for every page of the console, and calls that were made. */
  seeded?: boolean | undefined
  /** Nothing is set up: no people, no lines, and no keys for the service. */
  bare?: boolean | undefined
  ariPort?: number | undefined
  asterisk?: AsteriskVersion | undefined
  log?: Log | undefined
  /** Has voices that speak prompts. They are downloaded once; if that fails, the lab has none. */
  voices?: boolean | undefined
  /** Further settings of service, console and command. */
  settings?: Readonly<Record<string, string>> | undefined
  /** Changes to the service's environment. `undefined` removes a variable. */
  env?: Record<string, string | undefined>
  /** Lines added to the lab's dialplan; see `PbxOptions`. */
  extensions?: string | undefined
  /** Creates a missing database folder, with the schema of this version. By default PostgreSQL and the lab do it. */
  prepareDatabase?: ((dir: string) => Promise<void>) | undefined
  /** Runs Asterisk with real-time priority; see `PbxOptions`. */
  realTime?: boolean | undefined
  /** `false` does not start the service; `lab.service.start()` does. */
  service?: boolean | undefined
}

/** The line that `consentry lab` prints when calls can be made. */
export interface ReadyLine {
  ready: true
  sip: string
  http: string
  ari: string
  /** The owner's URL. */
  database: string
  data: string
  tap: string
  /** Folder of the key store. */
  keys: string
  recipients: string
  identity: string
  /** File with the environment in which `consentry` uses this lab: `set -a; . FILE`. */
  env: string
  /** File of the service's log. */
  log: string
  pid: number
  asteriskPid: number
  servicePid: number | undefined
  /** Address of the console; null if the lab runs none. */
  console: string | null
  /** Credentials for the console. */
  admin: Credentials | null
}

/** The lab's PostgreSQL, which a test can stop and start again. */
export interface LabDatabase {
  /** URL of the service's role. */
  readonly url: string
  /** URL of the owner. */
  readonly adminUrl: string
  /** URL of the console's role. */
  readonly consoleUrl: string
  /** Stops the server. May be called again. */
  stop(): Promise<void>
  /** Starts it again on the same port, with the same data. */
  start(): Promise<void>
}

/** A complete Consentry on this machine: PBX, database, keys, lines and service. It shares nothing with other labs. */
export interface Lab {
  readonly ready: ReadyLine
  readonly pbx: Pbx
  readonly service: Service
  readonly database: LabDatabase
  /** The environment in which `consentry` uses this lab. It names the identity, which the service does not have. */
  readonly env: Record<string, string>
  /** Stops every process of the lab and removes its files. May be called again. */
  stop(): Promise<void>
}

/**
 * Starts a lab. Several labs can run at once.
 *
 * @returns once the service can take and record calls
 * @throws AppError `tool.missing`, `tool.failed`, `config.invalid`, `db.unavailable`
 */
export async function startLab(options: LabOptions = {}): Promise<Lab> {
  const log = options.log ?? createLog('warn')
  const progress = options.progress ?? (() => {})
  const cleanUps: (() => Promise<unknown>)[] = []
  const stop = async () => {
    for (let undo = cleanUps.pop(); undo; undo = cleanUps.pop()) await undo()
  }
  const stopAtEnd = <T extends { stop(): Promise<unknown> }>(part: T): T => {
    cleanUps.push(() => part.stop())
    return part
  }
  try {
    const data = resolve(options.data ?? (await mkdtemp(join(tmpdir(), 'consentry-lab-'))))
    if (!options.data) cleanUps.push(() => rm(data, { recursive: true, force: true }))
    const own = join(data, 'lab')
    await makeFolders(own)
    const httpPort = await labPort('tcp', options.httpPort)
    const tap = join(
      existsSync('/dev/shm') ? '/dev/shm' : tmpdir(),
      `consentry-${process.getuid?.()}-${httpPort}`,
    )
    const ffmpeg = await findFfmpeg(options)
    const hears = options.env?.['CONSENTRY_EAR_STREAMS'] !== '0'
    const models = hears ? await findSpeechModels(options) : undefined
    const voices = options.voices ? await findVoices(options).catch(withoutVoices(progress)) : undefined

    progress('starting Asterisk and PostgreSQL')
    const { sipPort, ariPort, extensions, realTime, asterisk: version, cache, mirror } = options
    const chosen = { sipPort, ariPort, extensions, realTime, version, cache, mirror, progress }
    const pbx = stopAtEnd(await startPbx({ dir: join(own, 'pbx'), ...chosen }))
    const cluster = join(data, 'postgres')
    const prepareDatabase = existsSync(cluster) ? undefined : options.prepareDatabase
    await prepareDatabase?.(cluster)
    const database = stopAtEnd(await startDatabase(cluster, log))
    if (!prepareDatabase)
      await migrate(database.adminUrl, { service: 'consentry', console: 'consentry_console' })
    if (!options.bare) await seed(database.adminUrl)
    const { recipients, identity } = await prepareKeys(own)

    const keys = join(data, 'keys')
    const admin =
      options.console && !options.bare ? await addLabAdmin({ url: database.consoleUrl, data, log }) : null
    const consoleAddress = options.console ? `${LOOPBACK}:${await labPort('tcp', undefined)}` : 'off'
    const env = {
      PATH: voices ? `${voices}:${USUAL_PATH}` : USUAL_PATH,
      HOME: homedir(),
      UV_THREADPOOL_SIZE: '64',
      DATABASE_URL: database.url,
      DATABASE_CONSOLE_URL: database.consoleUrl,
      CONSENTRY_DATA: data,
      CONSENTRY_HTTP: `${LOOPBACK}:${httpPort}`,
      CONSENTRY_CONSOLE: consoleAddress,
      // The API can pause a call of the lab. The lab's agent has no keys.
      CONSENTRY_API_TOKEN: randomBytes(24).toString('hex'),
      CONSENTRY_TAP_DIR: tap,
      CONSENTRY_KEYSTORE: `file:${keys}`,
      ...(!options.bare && { CONSENTRY_RECIPIENTS: recipients }),
      CONSENTRY_FFMPEG: ffmpeg,
      ...(models && { CONSENTRY_SPEECH_MODELS: models }),
      ARI_URL: pbx.ari.url,
      ARI_USERNAME: pbx.ari.username,
      ARI_PASSWORD: pbx.ari.password,
      ARI_APP: pbx.ari.app,
      ...options.settings,
    }
    const forVerbs = { ...env, CONSENTRY_IDENTITY: identity }
    const envFile = join(own, 'env')
    await saveEnv(envFile, forVerbs)
    const http = `http://${LOOPBACK}:${httpPort}`
    const logFile = join(own, 'service.log')
    const service = new Service({ env, http, logFile })
    service.overrides = options.env ?? {}
    cleanUps.push(async () => {
      const keepers = await keepersOf(tap)
      await service.stop()
      await endKeeper(data, keepers)
      await removeProtected(tap)
    })
    if (options.service !== false) {
      progress('starting the service')
      service.start()
      await service.waitUntilReady()
      if (options.console) await waitForConsole(`http://${consoleAddress}`)
      if (options.seeded) {
        progress('seeding it with people, drafts and calls')
        if (await seedData(forVerbs, database.adminUrl, log))
          await seedCalls(pbx.sip, database.adminUrl, options)
      }
    }
    return {
      pbx,
      service,
      database,
      env: forVerbs,
      stop,
      get ready() {
        const paths = { data, tap, keys, recipients, identity, env: envFile, log: logFile }
        const pids = { pid: process.pid, asteriskPid: pbx.pid, servicePid: service.pid }
        return {
          ready: true as const,
          sip: pbx.sip,
          http,
          ari: pbx.ari.url,
          database: database.adminUrl,
          ...paths,
          ...pids,
          // Browsers make passkeys only for names.
          console: options.console ? `http://${consoleAddress.replace(LOOPBACK, 'localhost')}` : null,
          admin,
        }
      },
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Reports that a lab has no voices, and why. */
const withoutVoices = (progress: (line: string) => void) => (error: unknown) => {
  progress(`no voices speak prompts: ${(error as Error).message}`)
  return undefined
}

async function startDatabase(dir: string, log: Log): Promise<LabDatabase> {
  let server = await startEmbedded({ dir, log })
  const { url, adminUrl, consoleUrl } = server
  return {
    ...{ url, adminUrl, consoleUrl },
    stop: () => server.stop(),
    async start() {
      server = await startEmbedded({ dir, log })
    },
  }
}

/** @throws AppError `tool.failed` */
async function waitForConsole(url: string): Promise<void> {
  const answers = async () => (await httpGet(`${url}/api/v1/me`, CONSOLE_ANSWER_MS))?.status === 401
  if (!(await pollUntil(answers, CONSOLE_LIMIT_MS)))
    throw new AppError('tool.failed', 'the console did not become ready: see the log of the service')
}

async function seed(adminUrl: string): Promise<void> {
  const db = openDatabase(adminUrl)
  try {
    await saveLabLines(db, adminUrl)
    await sql`insert into lab default values on conflict do nothing`.execute(db)
    await setTrial(db, true)
  } finally {
    await db.close()
  }
}
