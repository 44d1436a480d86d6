import { spawn } from 'node:child_process'

/** What a command may take, ms: a build on a busy machine. */
const LIMIT_MS = 2_400_000

export interface Options {
  cwd?: string
  env?: Record<string, string>
  /** Sent to its standard input. */
  input?: string
}

/** The environment of every command: no setting of the tests reaches what they test. */
export const environment: Record<string, string> = {
  PATH: process.env['PATH'] ?? '/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: process.env['HOME'] ?? '/root',
  LC_ALL: 'C.UTF-8',
  CONTAINERS_CONF: '/run/containers.conf',
  CONTAINERS_STORAGE_CONF: '/run/storage.conf',
  DOCKER_HOST: 'unix:///run/podman.sock',
  // Podman has no BuildKit.
  DOCKER_BUILDKIT: '0',
  // There is no systemd whose timers could run health checks.
  DISABLE_HC_SYSTEMD: 'true',
}

/**
 * Runs a command to its end.
 *
 * @returns what it printed on standard output
 * @throws Error with the end of what it said, if it fails
 */
export function run(command: readonly string[], { cwd, env = {}, input }: Options = {}): Promise<string> {
  const [program, ...args] = command
  const child = spawn(program!, args, {
    ...(cwd && { cwd }),
    env: { ...environment, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
    timeout: LIMIT_MS,
    killSignal: 'SIGKILL',
  })
  let [out, said] = ['', '']
  child.stdout.setEncoding('utf8').on('data', piece => {
    out += piece
    said += piece
  })
  child.stderr.setEncoding('utf8').on('data', piece => (said += piece))
  child.stdin.on('error', () => {})
  child.stdin.end(input ?? '')
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) =>
      code === 0
        ? resolve(out)
        : reject(new Error(`${command.join(' ')} ended with ${code ?? signal}:\n${said.slice(-6_000)}`)),
    )
  })
}

/** Runs commands in a shell that stops at the first failure. */
export const shell = (commands: string, options: Options = {}): Promise<string> =>
  run(['sh', '-euc', commands], options)
