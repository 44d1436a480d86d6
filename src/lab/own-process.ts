import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'

/** How much of a program's output is kept to explain a failure, characters. */
const KEPT = 20_000
/** How often a start is looked at, ms. */
const LOOK = 50

/** A program that the lab started, which it also ends: by its process id, never by name. */
export interface OwnProcess {
  readonly pid: number
  /** The last of what it printed. */
  output(): string
  /** Resolves when it has ended. */
  readonly ended: Promise<void>
  hasEnded(): boolean
  kill(signal: NodeJS.Signals): void
  /** Waits up to `patience` ms for its end, asking with each signal in turn. */
  end(signals: NodeJS.Signals[], patience: number): Promise<void>
}

/**
 * Starts a program whose output is kept; it dies with us, even when we are killed.
 *
 * @param env variables instead of ours; by default ours
 */
export function startOwn(program: string, args: string[], env?: Record<string, string>): OwnProcess {
  const words = ['--pdeathsig', 'KILL', '--', program, ...args]
  return watch(spawn('setpriv', words, { stdio: ['ignore', 'pipe', 'pipe'], ...(env ? { env } : {}) }))
}

/**
 * The same without the right to write where our files cannot be written by their owner. Root may write anywhere, so
 * a folder closed to the PBX would be none; inside a user namespace the same user id has no such privilege. Whoever
 * is not root starts the program directly.
 */
export function startUnprivileged(program: string, args: string[]): OwnProcess {
  if (process.getuid?.() !== 0) return startOwn(program, args)
  const words = ['--user', '--map-user=65534', '--map-group=65534', 'setpriv', '--pdeathsig', 'KILL', '--']
  return watch(spawn('unshare', [...words, program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] }))
}

function watch(child: ChildProcess): OwnProcess {
  let output = ''
  const keep = (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-KEPT)
  }
  child.stdout?.on('data', keep)
  child.stderr?.on('data', keep)
  let over = false
  const ended = Promise.race([once(child, 'exit'), once(child, 'error')]).then(
    () => {
      over = true
    },
    error => {
      over = true
      keep(Buffer.from(String(error)))
    },
  )
  return {
    pid: child.pid ?? -1,
    output: () => output,
    ended,
    hasEnded: () => over,
    kill: signal => void child.kill(signal),
    async end(signals, patience) {
      for (const signal of signals) {
        if (over) return
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
export async function until(
  ready: () => Promise<boolean>,
  limit: number,
  stop: () => boolean = () => false,
): Promise<boolean> {
  const end = performance.now() + limit
  while (performance.now() < end && !stop()) {
    if (await ready()) return true
    await sleep(LOOK)
  }
  return false
}
