import { spawn } from 'node:child_process'
import { userInfo } from 'node:os'
import { fileURLToPath } from 'node:url'
import { compiled } from '../../../lab/process/compiled.js'

/** Exit code and output of a command. */
export interface CommandResult {
  code: number | null
  out: string
  err: string
}

/** The person for whom `consentry` runs here: somebody who became root by `sudo`, or an ordinary user under a name of their own. */
export const tester = process.getuid?.() === 0 ? 'tester' : userInfo().username

/** Runs the real command `consentry` as a process, for {@link tester}, with only this environment. */
export const consentry = (env: Record<string, string>, ...args: string[]): Promise<CommandResult> =>
  consentryWithin([], env, ...args)

/** The same behind a launcher, such as one that makes a namespace. */
export const consentryWithin = (
  launcher: readonly string[],
  env: Record<string, string>,
  ...args: string[]
): Promise<CommandResult> => run([...launcher, process.execPath, compiled('cli'), ...args], { env })

/**
 * Runs command lines one after the other in one process. Their code is loaded once, which takes much longer than to print help or
 * to refuse a command line. A command that works with a database or with files has a process of its own: see {@link consentry}.
 *
 * @returns the result of each; `code` is the exit code that a process of its own would have
 */
export async function consentryInTurn(
  lines: readonly string[][],
  { env = {}, cwd }: { env?: Record<string, string>; cwd?: string } = {},
): Promise<CommandResult[]> {
  const child = fileURLToPath(new URL('commands-child.js', import.meta.url))
  const { code, out, err } = await run([process.execPath, child, JSON.stringify(lines)], { env, cwd })
  if (code !== 0) throw new Error(`the command lines were not all run: exit code ${code}; ${err}`)
  return JSON.parse(out)
}

/** The environment of a command. */
export const commandEnv = (env: Record<string, string>): Record<string, string> => ({
  PATH: process.env['PATH'] ?? '',
  NO_COLOR: '1',
  SUDO_USER: tester,
  ...env,
})

function run(
  [program = '', ...words]: string[],
  { env, cwd }: { env: Record<string, string>; cwd?: string | undefined },
): Promise<CommandResult> {
  const child = spawn(program, words, { cwd, env: commandEnv(env) })
  const ended = { out: '', err: '' }
  child.stdout.on('data', (chunk: Buffer) => {
    ended.out += chunk
  })
  child.stderr.on('data', (chunk: Buffer) => {
    ended.err += chunk
  })
  return new Promise(resolve => child.on('close', code => resolve({ code, ...ended })))
}
