import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { AppError } from '../../core/errors.js'
import type { KeeperSettings } from '../../keeper/protocol.js'
import { USUAL_PATH } from '../../lib/process/child-env.js'

const ENTRY = fileURLToPath(new URL('../../keeper/main.js', import.meta.url))

/**
 * Longest time from the start of a keeper until it has made its first pipes, ms. Usually 80 ms, on a starved machine
 * seconds.
 */
const START_TIMEOUT = 15_000

/** A keeper only needs to find `mkfifo`. The service's own environment holds passwords. */
const ENVIRONMENT = { PATH: USUAL_PATH }

/**
 * A small young generation (1 MB) is collected often. So plain audio that was handed over leaves the keeper's memory
 * soon, and the memory does not grow with the calls of a day.
 */
const NODE_FLAGS = ['--max-semi-space-size=1']

/**
 * Starts a keeper in a session of its own, so that it outlives the service. If another keeper already listens on the
 * socket, the new one ends by itself. That is not an error.
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
  // A keeper that ends before it has read its settings writes the reason to its output.
  child.stdin.on('error', () => {})
  child.stdin.end(JSON.stringify(settings))
  let silence = 'it ended without a message'
  const timer = setTimeout(() => {
    silence = `it was not ready within ${START_TIMEOUT / 1_000} s`
    child.kill('SIGKILL')
  }, START_TIMEOUT)
  try {
    const outcome =
      (await Promise.race([firstLine(child.stdout), failed])) || JSON.stringify({ error: silence })
    const { error } = JSON.parse(outcome) as { error?: string }
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
 * The socket is within the data folder even if its path is longer than a socket address may be.
 *
 * @param data absolute path of the data folder
 * @returns path of the socket of this folder's keeper
 */
export const keeperSocket = (data: string): string => join(data, 'run', 'keeper.sock')
