import { connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { AppError } from '../../src/core/errors.js'

/** A line with this beginning is a message for people who watch the console, not an answer. */
const MESSAGE = '\x7f'
/** Longest time for an answer, ms. */
const ANSWER_LIMIT_MS = 60_000
/** Time until the next attempt if too many clients connect at once, ms. */
const AGAIN_MS = 20

/**
 * Runs a command of Asterisk's console, as `asterisk -rx` does, without starting a process.
 *
 * @param socket path of Asterisk's control socket
 * @returns the command's output
 * @throws AppError `tool.failed` if Asterisk does not answer
 */
export async function askConsole(socket: string, command: string): Promise<string> {
  for (const end = performance.now() + ANSWER_LIMIT_MS; ; await pause(AGAIN_MS)) {
    try {
      return await ask(socket, command)
    } catch (cause) {
      // Asterisk's socket has a backlog of two connections.
      const isCrowded = (cause as NodeJS.ErrnoException | undefined)?.code === 'EAGAIN'
      if (!isCrowded || performance.now() > end)
        throw new AppError('tool.failed', 'The lab PBX does not answer.', { cause })
    }
  }
}

function ask(socket: string, command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = ''
    const console = connect(socket)
    console.setEncoding('utf8').setTimeout(ANSWER_LIMIT_MS, () => console.destroy(new Error('no answer')))
    console.on('error', reject)
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
