import { spawn } from 'node:child_process'
import { downloaderEnv } from '../../src/process/child-env.js'
import { AppError } from '../../src/shared/errors.js'

/** What the lab's set-up tells while it works; one line each, for people. */
export type Progress = (line: string) => void

/** Longest tail of a failed command's output that is repeated in the error, characters. */
const ERROR_TAIL_CHARS = 1_500
/** What `env` ends with when the program does not exist, or was looked for in a folder that may not be read. */
const NOT_FOUND = [127, 126]

/**
 * Runs a program of the machine to its end.
 *
 * @returns its standard output
 * @throws AppError `tool.missing` (no such program), `tool.failed` (ended with an error; the message has its last words)
 */
export function runProgram(program: string, args: string[], advice: string): Promise<string> {
  return new Promise((resolve, reject) => {
    // Set-up has no terminal to ask on, and what apt says is looked at in English.
    const env = downloaderEnv({ LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' })
    const child = spawn('env', [program, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] })
    let out = ''
    let errors = ''
    child.stdout.on('data', chunk => {
      out += chunk
    })
    child.stderr.on('data', chunk => {
      errors += chunk
    })
    const missing = (cause?: unknown) =>
      reject(new AppError('tool.missing', `cannot run ${program}. ${advice}`, { cause }))
    child.on('error', missing)
    child.on('close', code => {
      const last = (errors.trim() || out.trim()).slice(-ERROR_TAIL_CHARS)
      if (code === 0) resolve(out)
      else if (NOT_FOUND.includes(code ?? 0)) missing()
      else reject(new AppError('tool.failed', `${program} ended with ${code}. ${advice}\n${last}`))
    })
  })
}
