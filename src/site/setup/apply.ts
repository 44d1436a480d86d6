import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { AppError } from '../../core/errors.js'
import { askConsole } from '../../lib/host/asterisk-console.js'
import { closeGuarded, removeGuarded, replaceGuarded } from '../../lib/host/guarded-files.js'
import { childEnv } from '../../lib/process/child-env.js'
import type { Change, KeysChange } from './change.js'
import type { Superuser } from './database.js'
import { type Machine, runningAsterisk } from './machine.js'

const run = promisify(execFile)
/** How long a command may take, ms: starting a service waits for its database. */
const COMMAND_MS = 120_000

/** The parts with which changes are carried out. */
export interface ApplyDeps {
  machine: Machine
  /** Undefined: no plan needs one. */
  superuser: Superuser | undefined
  /** Draws key pairs into a folder. @returns the public halves */
  drawKeys(purposes: readonly string[], folder: string): Promise<{ keys: readonly object[] }>
}

/** Rights of all other users in a mode. */
const OF_OTHERS = 0o007

/**
 * Carries out one change. Commands are left out if a folder with copied files stands for the machine, and commands of Asterisk's
 * console if it does not run.
 *
 * @returns whether it was carried out
 * @throws AppError `tool.failed` with the command or file that failed; `file.refused` for a file that has changed since the plan
 */
export async function applyChange(deps: ApplyDeps, change: Change): Promise<boolean> {
  switch (change.do) {
    case 'write':
      replaceGuarded(deps.machine.host, change.path, { ...change, content: change.after })
      return true
    case 'remove':
      removeGuarded(deps.machine.host, change.path, change.mark, change.leader)
      return true
    case 'close':
      closeGuarded(deps.machine.host, change.path, OF_OTHERS, change.leader)
      return true
    case 'console':
      return order(deps.machine, change.order)
    case 'run':
      if (!deps.machine.isLive) return false
      await runCommand(change.command)
      return true
    case 'sql':
      await deps.superuser?.run(change.database, change.statements)
      return deps.superuser !== undefined
    case 'draw-keys':
      await drawKeys(deps, change)
      return true
  }
}

async function order(machine: Machine, command: string): Promise<boolean> {
  const running = runningAsterisk(machine)
  if (!running) return false
  if ((await askConsole(machine.host, running, command)) !== undefined) return true
  throw new AppError('tool.failed', `Asterisk does not answer: asterisk -rx '${command}'`)
}

async function runCommand([program = '', ...args]: readonly string[]): Promise<void> {
  try {
    await run(program, args, { timeout: COMMAND_MS, env: childEnv() })
  } catch (error) {
    const { stderr = '', message } = error as Error & { stderr?: string }
    throw new AppError('tool.failed', `${[program, ...args].join(' ')} failed: ${stderr.trim() || message}`)
  }
}

/** The public half is written to the service's place, too. The secret half stays in its folder. */
async function drawKeys({ machine, drawKeys: draw }: ApplyDeps, change: KeysChange): Promise<void> {
  const { keys } = await draw(change.purposes, change.folder)
  replaceGuarded(machine.host, change.recipients, {
    ...{ content: `${JSON.stringify(keys, null, 2)}\n`, mode: 0o644 },
    ...{ mark: undefined, leader: undefined },
  })
}
