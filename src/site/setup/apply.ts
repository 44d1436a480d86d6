import { execFile } from 'node:child_process'
import { chmod, chown, copyFile, mkdir, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { AppError } from '../../core/errors.js'
import { replaceSecretFile } from '../../lib/files/secret-file.js'
import { childEnv } from '../../lib/process/child-env.js'
import type { Change, FileChange, KeysChange } from './change.js'
import type { Superuser } from './database.js'
import { type Machine, ownerOf, placeOf } from './machine.js'

const run = promisify(execFile)
/** How long a command may take, ms: starting a service waits for its database. */
const COMMAND_MS = 120_000

/** The parts with which changes are carried out. */
export interface ApplyDeps {
  machine: Machine
  /** Undefined: no plan needs one. */
  superuser: Superuser | undefined
  /** Draws key pairs into a folder. @returns paths of both halves */
  drawKeys(purposes: readonly string[], folder: string): Promise<{ recipients: string; identity: string }>
}

/**
 * Carries out one change. Commands are left out if a folder with copied files stands for the machine.
 *
 * @returns whether it was carried out
 * @throws AppError `tool.failed` with the command or file that failed
 */
export async function applyChange(deps: ApplyDeps, change: Change): Promise<boolean> {
  switch (change.do) {
    case 'write':
      await write(deps.machine, change)
      return true
    case 'remove':
      await remove(placeOf(deps.machine, change.path))
      return true
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

async function write(machine: Machine, { path, after, mode, owner }: FileChange): Promise<void> {
  const place = placeOf(machine, path)
  try {
    await mkdir(dirname(place), { recursive: true, mode: 0o755 })
    const kept = ownerOf(machine, path)
    const ids = kept ?? owner ?? { uid: process.getuid!(), gid: process.getgid!() }
    await replaceSecretFile(place, after, { ...ids, mode: kept ? await modeOf(place) : mode })
  } catch (error) {
    throw new AppError('tool.failed', `${place} cannot be written: ${(error as NodeJS.ErrnoException).code}`)
  }
}

async function remove(place: string): Promise<void> {
  try {
    await rm(place, { force: true })
  } catch (error) {
    throw new AppError('tool.failed', `${place} cannot be removed: ${(error as NodeJS.ErrnoException).code}`)
  }
}

const modeOf = async (place: string): Promise<number> => (await stat(place)).mode & 0o777

async function runCommand([program = '', ...args]: readonly string[]): Promise<void> {
  try {
    await run(program, args, { timeout: COMMAND_MS, env: childEnv() })
  } catch (error) {
    const { stderr = '', message } = error as Error & { stderr?: string }
    throw new AppError('tool.failed', `${[program, ...args].join(' ')} failed: ${stderr.trim() || message}`)
  }
}

/** The public half is copied to the service's place. The secret half stays in its folder. */
async function drawKeys({ machine, drawKeys: draw }: ApplyDeps, change: KeysChange): Promise<void> {
  const { recipients } = await draw(change.purposes, change.folder)
  const place = placeOf(machine, change.recipients)
  await mkdir(dirname(place), { recursive: true, mode: 0o755 })
  await copyFile(recipients, place)
  await chmod(place, 0o644)
  if (machine.isLive) await chown(place, 0, 0)
}
