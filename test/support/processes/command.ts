import { spawn } from 'node:child_process'
import { compiled } from '../../../lab/process/compiled.js'

/** Exit code and output of a command. */
export interface CommandResult {
  code: number | null
  out: string
  err: string
}

/** Runs the real command `consentry` as a process, for a person named `tester`, with only this environment. */
export const consentry = (env: Record<string, string>, ...args: string[]): Promise<CommandResult> =>
  consentryWithin([], env, ...args)

/** The same behind a launcher, such as one that makes a namespace. */
export function consentryWithin(
  launcher: readonly string[],
  env: Record<string, string>,
  ...args: string[]
): Promise<CommandResult> {
  const path = process.env['PATH'] ?? ''
  const [program = '', ...words] = [...launcher, process.execPath, compiled('cli'), ...args]
  const child = spawn(program, words, {
    env: { PATH: path, NO_COLOR: '1', SUDO_USER: 'tester', ...env },
  })
  const ended = { out: '', err: '' }
  child.stdout.on('data', (chunk: Buffer) => {
    ended.out += chunk
  })
  child.stderr.on('data', (chunk: Buffer) => {
    ended.err += chunk
  })
  return new Promise(resolve => child.on('close', code => resolve({ code, ...ended })))
}
