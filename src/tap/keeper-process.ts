import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { KeeperSettings } from '../keeper/protocol.js'
import { USUAL_PATH } from '../process/child-env.js'
import { AppError } from '../shared/errors.js'

const ENTRY = fileURLToPath(new URL('../keeper/main.js', import.meta.url))

/** How long a keeper may take from its start until its first pipes are made, ms; usually 80. */
const START_TIMEOUT = 5_000

/** All that a keeper needs of the environment: where `mkfifo` is. Ours holds passwords. */
const ENVIRONMENT = { PATH: USUAL_PATH }

/**
 * What it read and handed over lies in its memory until it is collected: a small nursery, MB, is collected often, so that
 * audio in clear does not lie there for long and the memory does not grow with the calls of a day.
 */
const NODE_FLAGS = ['--max-semi-space-size=1']

/**
 * Starts a keeper in a session of its own, so that it outlives us. If one runs already on that socket, the new one
 * sees it and ends, which is no error.
 *
 * @throws AppError `tap.unavailable` with the keeper's reason
 */
export async function spawnKeeper(settings: KeeperSettings): Promise<void> {
  const child = spawn(process.execPath, [...NODE_FLAGS, ENTRY], {
    detached: true,
    cwd: '/',
    env: ENVIRONMENT,
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  const failed = new Promise<never>((_, reject) => child.once('error', reject))
  // A keeper that ends before it has read its settings says why on its output.
  child.stdin.on('error', () => {})
  child.stdin.end(JSON.stringify(settings))
  const timer = setTimeout(() => child.kill('SIGKILL'), START_TIMEOUT)
  try {
    const outcome = await Promise.race([firstLine(child.stdout), failed])
    const { error } = JSON.parse(outcome || '{"error":"it ended at once"}') as { error?: string }
    if (error) throw new Error(error)
  } catch (cause) {
    const reason = (cause as Error).message
    throw new AppError('tap.unavailable', `the keeper did not start: ${reason}`, { retryable: true, cause })
  } finally {
    clearTimeout(timer)
    child.stdout.destroy()
    child.unref()
  }
}

async function firstLine(output: NodeJS.ReadableStream): Promise<string> {
  let line = ''
  for await (const piece of output) {
    line += piece
    if (line.includes('\n')) break
  }
  return line
}

/**
 * Path of the socket of the keeper of a data folder. It is always within that folder, however long the path is.
 *
 * @param data the data folder, absolute
 */
export const keeperSocket = (data: string): string => join(data, 'run', 'keeper.sock')
