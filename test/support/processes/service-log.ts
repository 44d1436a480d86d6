import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Test } from 'tap'
import { compiled } from '../../../lab/process/compiled.js'

/** A line of the service's log. */
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
export async function* readServiceLog(
  t: Test,
  env: Record<string, string>,
  launcher: string[] = [],
): AsyncGenerator<LogLine> {
  const [program, ...words] = [...launcher, process.execPath, compiled('cli'), 'serve']
  const child = spawn(program!, words, {
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  t.teardown(() => child.kill('SIGKILL'))
  for await (const line of createInterface({ input: child.stderr })) {
    if (!line.startsWith('{')) throw new Error(`the service ended: ${line}`)
    yield JSON.parse(line)
  }
}
