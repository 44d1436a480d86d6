import { spawn } from 'node:child_process'
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '../../src/core/errors.js'
import { downloaderEnv } from '../../src/lib/process/child-env.js'

/** Receives one line for people about each step of the set-up. */
export type Progress = (line: string) => void

/** How much of a failed program's output the error repeats, characters. */
const ERROR_TAIL_CHARS = 1_500
/** Exit codes of `env` if the program does not exist, or is in a folder that cannot be read. */
const NOT_FOUND = [127, 126]

/**
 * Runs an installed program to its end.
 *
 * @param advice for people, in the error
 * @returns its standard output
 * @throws AppError `tool.missing` if there is no such program; `tool.failed` if it fails, with the end of its output
 */
export function runProgram(program: string, args: string[], advice: string): Promise<string> {
  return new Promise((resolve, reject) => {
    // There is no terminal for questions. Messages are in English, because the lab reads apt's.
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

/** Whether a folder of the PATH has a file of this name. Without one, no process needs to be started. */
async function isOnPath(program: string): Promise<boolean> {
  const folders = (downloaderEnv()['PATH'] ?? '').split(':')
  const found = await Promise.all(
    folders.map(folder =>
      access(join(folder, program)).then(
        () => true,
        () => false,
      ),
    ),
  )
  return found.includes(true)
}

/**
 * Finds a program on this machine. The path is absolute, because a child may run with another PATH.
 *
 * @param args make it end at once, such as `--version`
 * @returns its path; undefined if it is not installed or does not run
 */
export async function findProgram(program: string, args: string[]): Promise<string | undefined> {
  if (!(await isOnPath(program))) return undefined
  return runProgram(program, args, '')
    .then(() => runProgram('sh', ['-c', 'command -v "$0"', program], ''))
    .then(
      path => path.trim(),
      () => undefined,
    )
}
