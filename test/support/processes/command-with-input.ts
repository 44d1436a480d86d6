import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { compiled } from '../../../lab/process/compiled.js'
import type { CommandResult } from './command.js'

/** Runs the real command `consentry` as a process that reads `input` from standard input. */
export async function consentryReading(input: string, ...args: string[]): Promise<CommandResult> {
  const child = spawn(process.execPath, [compiled('cli'), ...args], {
    env: { PATH: process.env['PATH'] ?? '', NO_COLOR: '1' },
  })
  child.stdin.end(input)
  const ended = once(child, 'close') as Promise<[number | null]>
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), ended])
  return { code, out, err }
}
