import { randomBytes } from 'node:crypto'
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { entryText } from '../src/asterisk/dialplan-version.js'
import { AppError } from '../src/core/errors.js'
import { projectRoot } from '../src/lib/process/project.js'
import { writeAgentSounds } from './pbx/agent-sounds.js'
import { askConsole } from './pbx/console.js'
import { shortDocumentation } from './pbx/documentation.js'
import { renderFolder } from './pbx/fill-template.js'
import { ariAnswers, sipAnswers } from './pbx/liveness.js'
import { maxFiles } from './pbx/max-files.js'
import { findModules } from './pbx/modules.js'
import { LOOPBACK, labPort } from './ports.js'
import { pollUntil, startUnprivileged } from './process/start-process.js'
import { prepareTools, type ToolOptions } from './tools/prepare-tools.js'

export type AsteriskVersion = 22 | 16

export interface PbxOptions extends ToolOptions {
  version?: AsteriskVersion | undefined
  /** Folder for all files of the PBX. Created if missing, not removed. */
  dir: string
  sipPort?: number | undefined
  ariPort?: number | undefined
  /** First and last UDP port for media. PBXs may share a range: Asterisk skips a port in use. */
  rtp?: [number, number] | undefined
  /** ARI application that gets the calls. */
  app?: string | undefined
  /** Lines added to the end of context `from-lab`. They may begin further contexts. */
  extensions?: string | undefined
  /** Real-time priority, as Asterisk's `highpriority` gives, which is not permitted in its user namespace. */
  realTime?: boolean | undefined
}

export interface Pbx {
  readonly version: AsteriskVersion
  readonly dir: string
  readonly pid: number
  /** `127.0.0.1:port` for SIP over UDP. */
  readonly sip: string
  readonly sipPort: number
  readonly ari: { url: string; username: string; password: string; app: string }
  /** Runs a command of Asterisk's console. */
  cli(command: string): Promise<string>
  /** Sets a global dialplan variable. */
  setGlobal(name: string, value: string): Promise<void>
  /** @returns the content of Asterisk's log */
  log(): Promise<string>
  /** Sends a signal to Asterisk. */
  kill(signal: NodeJS.Signals): void
  /** Waits until Asterisk has ended, and starts it again with the same configuration. Resolves when it answers. */
  restart(): Promise<void>
  /** Ends Asterisk and all its calls. May be called again. */
  stop(): Promise<void>
}

/** Configuration files without settings. Asterisk logs an error for each one that is missing. */
const UNUSED_FILES = [
  'acl',
  'ccss',
  'confbridge',
  'geolocation',
  'pjproject',
  'queuerules',
  'udptl',
  'websocket_client',
]

/** Longest time for a start, ms. It takes about one second, far more on a busy machine. */
const START_LIMIT_MS = 30_000
/** Longest time for Asterisk to end before it is killed, ms. */
const STOP_LIMIT_MS = 5_000

/**
 * Starts a PBX of the lab: real Asterisk on loopback, with the templates in `asterisk/lab` and the entry
 * that users include. It uses nothing of an Asterisk installed on the machine.
 *
 * @returns when it answers ARI and SIP
 * @throws AppError `tool.missing`, `tool.failed` (with the end of its log)
 */
export async function startPbx(options: PbxOptions): Promise<Pbx> {
  const version = options.version ?? 22
  const dir = resolve(options.dir)
  const name = version === 22 ? 'asterisk22' : 'asterisk16'
  const tools = await prepareTools([name, 'sounds'], options)
  const [sipPort, ariPort] = [await labPort('udp', options.sipPort), await labPort('tcp', options.ariPort)]
  const username = 'consentry'
  const password = randomBytes(18).toString('base64url')
  const ari = { url: `http://${LOOPBACK}:${ariPort}`, username, password, app: options.app ?? 'consentry' }
  // The path of Asterisk's control socket must stay below 108 characters.
  const runDir = await mkdtemp(join(tmpdir(), 'consentry-pbx-'))

  const program = join(tools[name], 'bin', 'asterisk')
  const config = join(dir, 'etc', 'asterisk.conf')
  const folders = ['etc', 'var', 'data', 'spool', 'log', 'sounds'] as const
  for (const folder of folders) await mkdir(join(dir, folder), { recursive: true })
  await mkdir(join(dir, 'spool', 'recording'), { recursive: true })
  // A file in it has the password of ARI.
  await chmod(join(dir, 'etc'), 0o750)
  await linkData(tools[name], tools.sounds, join(dir, 'data'))
  const modules = await findModules(tools[name])
  for (const name of UNUSED_FILES) await writeFile(join(dir, 'etc', `${name}.conf`), '; nothing to set\n')
  const agent = await writeAgentSounds(tools.sounds, join(dir, 'sounds'))
  await renderFolder(join(projectRoot(), 'asterisk', 'lab'), join(dir, 'etc'), {
    ...Object.fromEntries(folders.map(folder => [folder, join(dir, folder)])),
    run: runDir,
    modules: modules.folder,
    loadModules: modules.lines,
    maxFiles: await maxFiles(),
    host: LOOPBACK,
    sipPort,
    ariPort,
    ariUser: username,
    ariPassword: password,
    rtpStart: options.rtp?.[0] ?? 10_000,
    rtpEnd: options.rtp?.[1] ?? 29_999,
    app: ari.app,
    asterisk: `${program} -C ${config}`,
    consentryConf: await writeEntry(join(dir, 'etc')),
    agentSentence: agent.sentence,
    agentQuiet: agent.quiet,
    testExtensions: options.extensions ?? '',
  })

  const start = () => startUnprivileged([program, '-C', config, '-f'], { realTime: options.realTime })
  let asterisk = start()
  const log = () => readFile(join(dir, 'log', 'messages'), 'utf8').catch(() => '')
  const cli = (command: string) => askConsole(join(runDir, 'asterisk.ctl'), command)
  const stop = async () => {
    // SIGTERM acts as `core stop now`. A process that ignores it, such as a frozen one, is killed.
    await asterisk.end(['SIGTERM', 'SIGKILL'], STOP_LIMIT_MS)
    await rm(runDir, { recursive: true, force: true })
  }

  const answers = async () => (await ariAnswers(ari.url, username, password)) && (await sipAnswers(sipPort))
  const ready = async () => {
    if (await pollUntil(answers, START_LIMIT_MS, asterisk.hasEnded)) return
    await stop()
    const words = `${asterisk.output()}\n${await log()}`.trim().slice(-3_000)
    throw new AppError('tool.failed', `Asterisk ${version} did not start:\n${words}`)
  }
  await ready()
  return {
    version,
    dir,
    get pid() {
      return asterisk.pid
    },
    sip: `${LOOPBACK}:${sipPort}`,
    sipPort,
    ari,
    cli,
    setGlobal: async (variable, value) => void (await cli(`dialplan set global ${variable} ${value}`)),
    log,
    kill: signal => asterisk.kill(signal),
    async restart() {
      await asterisk.ended
      asterisk = start()
      await ready()
    },
    stop,
  }
}

/** Writes the file that the dialplan includes. @returns its path */
async function writeEntry(folder: string): Promise<string> {
  const path = join(folder, 'consentry-extensions.conf')
  await writeFile(path, entryText())
  return path
}

/**
 * Links Asterisk's read-only data (documentation, ARI description, sounds) into the folder where Asterisk searches
 * them.
 */
async function linkData(tree: string, sounds: string, data: string): Promise<void> {
  const voices = join(sounds, 'usr/share/asterisk/sounds')
  const links: [string, string][] = [
    [await shortDocumentation(tree), 'documentation'],
    [join(tree, 'usr/share/asterisk/rest-api'), 'rest-api'],
    [join(voices, 'en_US_f_Allison'), 'sounds/en'],
    [join(voices, 'ru_RU_f_IvrvoiceRU'), 'sounds/ru'],
  ]
  await mkdir(join(data, 'sounds'), { recursive: true })
  for (const [target, name] of links) {
    // The folder may contain links of another version.
    await rm(join(data, name), { force: true })
    await symlink(target, join(data, name))
  }
}
