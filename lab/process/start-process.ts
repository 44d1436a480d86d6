import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { childEnv } from '../../src/process/child-env.js'

/** How much of a program's output is kept to explain a failure, characters. */
const OUTPUT_CHARS = 20_000
/** How often {@link pollUntil} asks, ms. */
const POLL_MS = 50

/** A program that the lab started, which it also ends: by its process id, never by name. */
export interface StartedProcess {
  readonly pid: number
  /** The last of what it printed. */
  output(): string
  /** Resolves when it has ended. */
  readonly ended: Promise<void>
  hasEnded(): boolean
  /** What it ended with; undefined while it runs, null after a signal. */
  exitCode(): number | null | undefined
  kill(signal: NodeJS.Signals): void
  /** Asks it to end with each signal in turn, waiting up to `patience` ms after each. */
  end(signals: NodeJS.Signals[], patience: number): Promise<void>
}

export interface StartOptions {
  /** Its whole environment; by default {@link childEnv}. */
  env?: Record<string, string>
  /** File descriptor that takes its output, in place of {@link StartedProcess.output}. */
  log?: number
  /** Before whatever else wants to run, see {@link mayUseRealTime}. */
  realTime?: boolean | undefined
}

/** Dies with us, even if we are killed. */
const END_WITH_PARENT = ['setpriv', '--pdeathsig', 'KILL', '--']
/** Root's own files, but none of root's privileges. */
const UNPRIVILEGED = ['unshare', '--user', '--map-user=65534', '--map-group=65534']
/** Real-time scheduling at the priority that Asterisk gives itself with `highpriority`. */
const REAL_TIME = ['chrt', '--rr', '10']

/** Whether this user may start programs that run before all others: root may. */
export const mayUseRealTime = (): boolean =>
  spawnSync(REAL_TIME[0]!, [...REAL_TIME.slice(1), 'true'], { env: childEnv() }).status === 0

/** Starts a program in a session of its own, so that Ctrl-C reaches only us and ends it in good order. */
export const startProcess = (command: string[], options: StartOptions = {}): StartedProcess =>
  start([...END_WITH_PARENT, ...command], options)

/**
 * The same without the right to write where a file's mode forbids it. Root may write anywhere, so a folder closed to
 * the PBX would be none; in a user namespace the same user has no such privilege. Others start the program directly.
 */
export const startUnprivileged = (command: string[], options: StartOptions = {}): StartedProcess =>
  // The wish to die with the parent is lost when a process changes its namespace, so it comes second.
  start([...(process.getuid?.() === 0 ? UNPRIVILEGED : []), ...END_WITH_PARENT, ...command], options)

function start(command: string[], { env, log, realTime }: StartOptions): StartedProcess {
  const [program = '', ...args] = realTime ? [...REAL_TIME, ...command] : command
  const output = log === undefined ? ('pipe' as const) : log
  return watch(
    spawn(program, args, {
      stdio: ['ignore', output, output],
      detached: true,
      env: env ?? childEnv(),
    }),
  )
}

function watch(child: ChildProcess): StartedProcess {
  let output = ''
  const keep = (chunk: Buffer | string) => {
    output = (output + chunk.toString()).slice(-OUTPUT_CHARS)
  }
  child.stdout?.on('data', keep)
  child.stderr?.on('data', keep)
  let hasEnded = false
  const ended = once(child, 'exit')
    .catch(error => keep(String(error)))
    .then(() => {
      hasEnded = true
    })
  return {
    pid: child.pid ?? -1,
    output: () => output,
    ended,
    hasEnded: () => hasEnded,
    exitCode: () => (hasEnded ? child.exitCode : undefined),
    kill: signal => void child.kill(signal),
    async end(signals, patience) {
      for (const signal of signals) {
        if (hasEnded) return
        child.kill(signal)
        await Promise.race([ended, sleep(patience, undefined, { ref: false })])
      }
    },
  }
}

/**
 * Asks again and again until the answer is yes.
 *
 * @param limit ms
 * @returns false when time ran out or `stop` said so
 */
export async function pollUntil(
  ready: () => Promise<boolean>,
  limit: number,
  stop: () => boolean = () => false,
): Promise<boolean> {
  const end = performance.now() + limit
  while (performance.now() < end && !stop()) {
    if (await ready()) return true
    await sleep(POLL_MS)
  }
  return false
}
