import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { type CommandResult, commandEnv } from './command.js'
import { atFileEnd } from './file-end.js'

const program = fileURLToPath(new URL('commands-together-child.js', import.meta.url))

/** A process for each environment. */
const processes = new Map<string, (args: string[]) => Promise<CommandResult>>()

/**
 * Runs a command as `consentry` does, but all those with the same environment one after the other in one process: to load their code takes
 * longer than most of them take. A result comes when nothing of the command keeps that process any more, so that a process of its own
 * would have ended. What shows how a process starts, ends, logs or writes to a file descriptor has one of its own.
 */
export function consentryTogether(env: Record<string, string>, ...args: string[]): Promise<CommandResult> {
  const key = JSON.stringify(env)
  const run = processes.get(key) ?? startProcess(env)
  processes.set(key, run)
  return run(args)
}

/** Starts a process that ends when this file is over. @returns runs a command in it, after those before */
function startProcess(env: Record<string, string>): (args: string[]) => Promise<CommandResult> {
  const stdio = ['ignore', 'ignore', 'inherit', 'ipc'] as const
  const child = fork(program, { env: commandEnv(env), execArgv: [], stdio: [...stdio] })
  const ended = once(child, 'exit')
  keep(child, false)
  atFileEnd(() => {
    processes.clear()
    if (child.connected) child.disconnect()
  })
  const run = async (args: string[]): Promise<CommandResult> => {
    const failed = ended.then(([code, signal]) => {
      throw new Error(`The process of ${args.join(' ')} ended: ${code ?? signal}`)
    })
    failed.catch(() => {})
    keep(child, true)
    const answered = once(child, 'message')
    child.send(args)
    const [result] = await Promise.race([answered, failed]).finally(() => keep(child, false))
    return result as CommandResult
  }
  let last: Promise<unknown> = Promise.resolve()
  return args => {
    const result = last.then(() => run(args))
    last = result.catch(() => {})
    return result
  }
}

/** Whether this process waits for a child before it ends. */
function keep(child: ChildProcess, waits: boolean): void {
  const how = waits ? 'ref' : 'unref'
  child[how]()
  child.channel?.[how]()
}
