import { connect } from 'node:net'
import { AppError } from '../../src/shared/errors.js'

/** A line that begins so is a message for people who watch the console, not an answer. */
const MESSAGE = '\x7f'
/** Longest time for an answer, ms. */
const ANSWER_LIMIT_MS = 60_000

/**
 * Runs a command of Asterisk's console, as `asterisk -rx` does, without a process of its own.
 *
 * @param socket path of Asterisk's control socket
 * @returns what the command prints
 * @throws AppError `tool.failed` if Asterisk does not answer
 */
export function askConsole(socket: string, command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = ''
    const console = connect(socket)
    const failed = (cause?: unknown) => {
      console.destroy()
      reject(new AppError('tool.failed', 'The lab PBX does not answer.', { cause }))
    }
    console.setEncoding('utf8').setTimeout(ANSWER_LIMIT_MS, failed)
    console.on('error', failed)
    // Asterisk ends the connection after the answer.
    console.on('close', hadError => {
      if (!hadError) resolve(answerIn(said))
    })
    console.on('data', piece => (said += piece))
    console.write(`cli quit after ${command}\0`)
  })
}

/** The first line names the machine, the process and the version. */
function answerIn(said: string): string {
  const lines = said.split('\n').slice(1)
  return lines.filter(line => !line.startsWith(MESSAGE)).join('\n')
}
