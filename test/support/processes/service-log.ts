import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Test } from 'tap'
import { compiled } from '../../../lab/process/compiled.js'

/** A line of the log of the service or the console. */
export interface LogLine {
  level: number
  msg: string
  reason?: string
  err?: string
  pid?: number
  url?: string
}

/**
 * Starts a service with only this environment, and reads its log. The service is killed when the test ends.
 *
 * @param launcher command prefix, which must become the service by `exec`
 * @throws Error if the service prints a line that is not JSON
 */
export const readServiceLog = (
  t: Test,
  env: Record<string, string>,
  launcher: string[] = [],
): AsyncGenerator<LogLine> =>
  readLog(t, { CONSENTRY_CONSOLE: 'off', ...env }, [...launcher, process.execPath, compiled('cli'), 'serve'])

/** Starts a console as `readServiceLog` starts a service. */
export const readConsoleLog = (t: Test, env: Record<string, string>): AsyncGenerator<LogLine> =>
  readLog(t, env, [process.execPath, compiled('cli'), 'console'])

async function* readLog(
  t: Test,
  env: Record<string, string>,
  [program, ...words]: string[],
): AsyncGenerator<LogLine> {
  const child = spawn(program!, words, {
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  t.teardown(() => child.kill('SIGKILL'))
  for await (const line of createInterface({ input: child.stderr })) {
    if (!line.startsWith('{')) throw new Error(`the process ended: ${line}`)
    yield JSON.parse(line)
  }
}
