import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { childEnv } from '../process/child-env.js'
import type { AsteriskProcess } from './asterisk-process.js'

const run = promisify(execFile)
/** How long the console may take for an answer, ms. It takes 20 ms. */
const LIMIT_MS = 5_000

/**
 * Asks a running Asterisk on its console, as `asterisk -rx` does. Root may, and the user of Asterisk.
 *
 * @returns undefined if this user may not, or no answer comes
 */
export async function askConsole(
  { program, config }: Pick<AsteriskProcess, 'program' | 'config'>,
  command: string,
): Promise<string | undefined> {
  const [first = '', ...more] = program
  return run(first, [...more, '-C', config, '-rx', command], { timeout: LIMIT_MS, env: childEnv() }).then(
    ({ stdout }) => stdout,
    () => undefined,
  )
}
