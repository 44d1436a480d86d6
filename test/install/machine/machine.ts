import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { pollUntil } from '../../../lab/process/start-process.js'

const run = promisify(execFile)

/** Longest time of the commands that one call runs, ms. */
const COMMANDS_MS = 400_000
/** Longest time until systemd has started everything, or ended everything, ms. */
const BOOT_MS = 120_000
/** How much of what a command said an error shows, characters. */
const SAID_CHARS = 6_000
/** The environment of a person at the machine. */
const ENVIRONMENT = [
  'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  'HOME=/root',
  'LANG=C.UTF-8',
]

/** A Debian with its own systemd, in the network of this process. */
export class Machine {
  /** Its files as this process sees them. */
  readonly root: string
  readonly #folder: string
  /** No other machine on this host has it. */
  readonly #name = `consentry-${randomUUID()}`
  #nspawn: ChildProcess | undefined
  #init = 0

  private constructor(folder: string) {
    this.#folder = folder
    this.root = join(folder, 'root')
  }

  /**
   * Makes a machine of a root, which stays as it is. It is off.
   *
   * @param base folder of the root
   * @param folder for what the machine changes
   */
  static async make(base: string, folder: string): Promise<Machine> {
    const machine = new Machine(folder)
    const [upper, work] = [join(folder, 'changes'), join(folder, 'work')]
    for (const one of [machine.root, upper, work]) await mkdir(one, { recursive: true })
    const layers = `lowerdir=${base},upperdir=${upper},workdir=${work}`
    await run('mount', ['-t', 'overlay', 'overlay', '-o', layers, machine.root])
    return machine
  }

  /** Switches it on, and waits until systemd has started everything. */
  async on(): Promise<void> {
    const log = openSync(join(this.#folder, 'boot.log'), 'a')
    const words = [
      `--directory=${this.root}`,
      `--machine=${this.#name}`,
      '--boot',
      '--register=no',
      '--keep-unit',
      '--console=pipe',
    ]
    this.#nspawn = spawn('systemd-nspawn', words, { stdio: ['ignore', log, log] })
    closeSync(log)
    const { pid } = this.#nspawn
    let state = ''
    const isUp = async () => {
      // The first child of systemd-nspawn makes way for the init of the machine.
      const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '')
      this.#init = Number(children.trim().split(' ').at(-1))
      if (this.#init > 0) state = await this.sh('systemctl is-system-running --wait || true').catch(() => '')
      return ['running', 'degraded'].includes(state.trim())
    }
    if (!(await pollUntil(isUp, BOOT_MS, () => this.#nspawn?.exitCode !== null)))
      throw new Error(`the machine does not boot, and is "${state.trim()}": ${await this.bootLog()}`)
  }

  /** Switches it off as `systemctl poweroff` and `reboot` do. */
  async off(): Promise<void> {
    const nspawn = this.#nspawn
    if (!nspawn || nspawn.exitCode !== null) return
    const ended = once(nspawn, 'exit')
    await this.sh('systemctl poweroff').catch(() => {})
    const timer = setTimeout(() => nspawn.kill('SIGKILL'), BOOT_MS)
    await ended
    clearTimeout(timer)
  }

  /** Ends it at once. */
  kill(): void {
    this.#nspawn?.kill('SIGKILL')
  }

  /** The end of what the units of Consentry have logged. */
  said(): string {
    const words = this.#enter('journalctl --no-pager --lines=60 --unit "consentry*"')
    return tail(String(spawnSync('nsenter', words).stdout))
  }

  bootLog = (): Promise<string> => readFile(join(this.#folder, 'boot.log'), 'utf8').then(tail, () => '')

  /**
   * Runs commands as root in root's home, in a shell that stops at the first failure.
   *
   * @returns what they printed on standard output
   * @throws Error with the end of what they said
   */
  async sh(commands: string): Promise<string> {
    const options = { timeout: COMMANDS_MS, killSignal: 'SIGKILL' as const, maxBuffer: 1e8 }
    try {
      const running = run('nsenter', this.#enter(commands), options)
      running.child.stdin?.end()
      return (await running).stdout
    } catch (error) {
      const { stdout = '', stderr = '', code } = error as Error & Record<string, string>
      throw new Error(`${commands.trim()}\nended with ${code}:\n${tail(`${stdout}${stderr}`)}`)
    }
  }

  #enter(commands: string): string[] {
    const shell = ['env', '-i', ...ENVIRONMENT, 'sh', '-euc', `cd ~root\n${commands}`]
    return ['--target', String(this.#init), '--all', '--', ...shell]
  }

  /** Writes a file of the machine. */
  async write(path: string, text: string): Promise<void> {
    await mkdir(dirname(join(this.root, path)), { recursive: true })
    await writeFile(join(this.root, path), text)
  }

  read = (path: string): Promise<string> => readFile(join(this.root, path), 'utf8')

  /** Process id of the main process of a unit, as the machine counts; 0 if there is none. */
  pid = async (unit: string): Promise<number> => Number(await this.sh(`systemctl show -P MainPID ${unit}`))

  isActive = async (unit: string): Promise<boolean> =>
    (await this.sh(`systemctl is-active ${unit} || true`)).trim() === 'active'
}

const tail = (text: string): string => text.slice(-SAID_CHARS)
