import { examineByOwnConnection, startProbeByOwnConnection } from '../../asterisk/own-connection.js'
import { probeByOwnPipes } from '../../audio/tap/probe-pipes.js'
import { type Config, readConfig } from '../../config/config.js'
import { AppError } from '../../core/errors.js'
import type { PbxExamination } from '../../core/pbx-facts.js'
import type { LinePolicy } from '../../core/policy.js'
import type { SideFault } from '../../core/ports.js'
import { Secret } from '../../core/secret.js'
import type { ServiceReport, TapProbe } from '../../core/service-report.js'
import { type Database, openDatabase } from '../../db/database.js'
import { hasEmbedded, runningEmbedded } from '../../db/embedded.js'
import { embeddedDir } from '../../db/provide.js'
import { checkSchema } from '../../db/schema.js'
import type { AsteriskProcess } from '../../lib/host/asterisk-process.js'
import type { HostPaths } from '../../lib/host/processes.js'
import { once } from '../../lib/work.js'
import { listLines } from '../../lines/line-rows.js'
import { askService } from '../../socket/ask-service.js'
import type { Outcome } from './fact.js'
import { processOf } from './pbx-here.js'

/** The settings of an installation, as its service gets them. */
export type Settings = Readonly<Record<string, string | undefined>>

/** The subject of the checks. Each part is read when the first check asks for it, and only once. */
export interface Site {
  readonly host: HostPaths
  readonly settings: Settings
  /** The file that holds the settings; undefined if they are in the environment alone. */
  readonly settingsFile: string | undefined
  /** @throws AppError `config.invalid` */
  config(): Config
  /** URL of the database as the service uses it. @throws AppError `config.invalid`; `db.unavailable` if it is the service's own and does not run */
  databaseUrl(): Promise<Secret>
  /** Opens the database with the schema of this version. @throws as `databaseUrl`, and as `checkSchema` */
  database(): Promise<Database>
  /** The lines in force. @throws as `database` */
  lines(): Promise<readonly LinePolicy[]>
  /**
   * The service's report; undefined if it does not answer.
   * @throws AppError `service.unavailable` if this user may not ask it
   */
  service(): Promise<ServiceReport | undefined>
  /** @throws AppError `config.invalid`, `pbx.*` */
  pbx(): Promise<PbxExamination>
  /**
   * Has the PBX write a tone into pipes of the tap folder: those of the running service, else own ones.
   *
   * @throws AppError `config.invalid`, `pbx.*`, `tap.unavailable`; errors of the system
   */
  probeTap(): Promise<TapProbe>
  /** Whether the PBX silences a leg of recordings, by the running service. @throws as `probeTap` */
  sides(): Promise<SideFault>
  /** The process of the PBX; undefined if it runs elsewhere, or is one of several. @throws AppError `config.invalid` */
  asterisk(): AsteriskProcess | undefined
  /**
   * Checks whether the PBX is set to record by itself. Present if this process must not check it, because reading a
   * large dialplan would keep callers waiting.
   */
  pbxRecording?(): Promise<Outcome>
  /** Closes the opened parts, and ends running checks. */
  close(): Promise<void>
}

/** The sources of a site. */
export interface SiteOptions {
  host: HostPaths
  settings: Settings
  settingsFile?: string | undefined
}

/** Opens the installation that a command checks. */
export function openSite({ host, settings, settingsFile }: SiteOptions): Site {
  let opened: Database | undefined
  const config = once(() => readConfig(settings, 'service'))
  const databaseUrl = once(() => findDatabase(config()))
  const database = once(async () => {
    const url = await databaseUrl()
    await checkSchema(url)
    opened = openDatabase(url)
    return opened
  })
  const service = once(() => reportOf(config().data))
  return {
    ...{ host, settings, settingsFile, config, databaseUrl, database, service },
    lines: once(async () => listLines(await database())),
    async probeTap() {
      const { data, tapDir, ari } = config()
      return (await service())
        ? askService(data, { do: 'probe-tap' })
        : probeByOwnPipes(tapDir, prefix => startProbeByOwnConnection(ari, prefix))
    },
    sides: async () => (await service())?.sides ?? 'unknown',
    pbx: once(() => examineByOwnConnection(config().ari)),
    asterisk: once(() => processOf(host, config())),
    close: async () => opened?.close(),
  }
}

async function findDatabase({ database: { url }, data }: Config): Promise<Secret> {
  if (url) return url
  const running = hasEmbedded(embeddedDir(data)) ? await runningEmbedded(embeddedDir(data)) : undefined
  if (running) return new Secret(running.url)
  throw new AppError('db.unavailable', 'The embedded PostgreSQL runs only while the service does.', {
    retryable: true,
  })
}

const reportOf = (data: string): Promise<ServiceReport | undefined> =>
  askService(data, { do: 'report' }).catch((error: AppError) => {
    if (error.retryable) return undefined
    throw error
  })
