import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { backgroundTimers } from '../../src/core/clock.js'
import { waitAtMost } from '../../src/lib/deadline.js'
import { childEnv } from '../../src/lib/process/child-env.js'

/** How much of a program's output is kept for error messages, characters. */
const OUTPUT_CHARS = 20_000
/** Interval of {@link pollUntil}, ms. */
const POLL_MS = 50

/** A program that the lab has started. The lab ends it by its process id, never by name. */
export interface StartedProcess {
  readonly pid: number
  /** @returns the end of its output */
  output(): string
  /** Resolves when it has ended. */
  readonly ended: Promise<void>
  hasEnded(): boolean
  /** @returns undefined while it runs, null if a signal ended it */
  exitCode(): number | null | undefined
  kill(signal: NodeJS.Signals): void
  /** Sends the signals in turn, and waits up to `patience` ms after each, until the program has ended. */
  end(signals: NodeJS.Signals[], patience: number): Promise<void>
}

export interface StartOptions {
  /** The complete environment; by default {@link childEnv}. */
  env?: Record<string, string>
  /** File descriptor for its output. {@link StartedProcess.output} is empty then. */
  log?: number
  /** Real-time priority; see {@link mayUseRealTime}. */
  realTime?: boolean | undefined
}

/** The kernel kills the program when this process ends. */
const END_WITH_PARENT = ['setpriv', '--pdeathsig', 'KILL', '--']
/** A user namespace: root's files, but not root's privileges. */
const UNPRIVILEGED = ['unshare', '--user', '--map-user=65534', '--map-group=65534']
/** Real-time scheduling at the priority that Asterisk gives itself with `highpriority`. */
const REAL_TIME = ['chrt', '--rr', '10']

/** Whether this user may start programs with real-time priority, as root may. */
export const mayUseRealTime = (): boolean =>
  spawnSync(REAL_TIME[0]!, [...REAL_TIME.slice(1), 'true'], { env: childEnv() }).status === 0

/** Starts a program in its own session, so that Ctrl-C reaches only this process, which then ends the program properly. */
export const startProcess = (command: string[], options: StartOptions = {}): StartedProcess =>
  start([...END_WITH_PARENT, ...command], options)

/**
 * As {@link startProcess}, but the program cannot write where a file's mode forbids it. Root could, so for root the program
 * gets its own user namespace, in which it has no such privilege.
 */
export const startUnprivileged = (command: string[], options: StartOptions = {}): StartedProcess =>
  // A change of namespace resets `--pdeathsig`, so `unshare` comes first.
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
        await waitAtMost(backgroundTimers, patience, ended)
      }
    },
  }
}

/**
 * Polls until `ready` returns true.
 *
 * @param limit ms
 * @param stop ends the polling early
 * @returns false after the limit, or if `stop` returned true
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
