import { spawn } from 'node:child_process'
import { compiled } from '../../../lab/process/compiled.js'

/** Exit code and output of a command. */
export interface CommandResult {
  code: number | null
  out: string
  err: string
}

/** Runs the real command `consentry` as a process, for a person named `tester`, with only this environment. */
export function consentry(env: Record<string, string>, ...args: string[]): Promise<CommandResult> {
  const path = process.env['PATH'] ?? ''
  const child = spawn(process.execPath, [compiled('cli'), ...args], {
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
