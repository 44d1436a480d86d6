import { setTimeout as pause } from 'node:timers/promises'
import { AppError } from '../../src/core/errors.js'
import { askSocket } from '../../src/lib/host/asterisk-console.js'

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
      return await askSocket(socket, command, ANSWER_LIMIT_MS)
    } catch (cause) {
      // Asterisk's socket has a backlog of two connections.
      const isCrowded = (cause as NodeJS.ErrnoException | undefined)?.code === 'EAGAIN'
      if (!isCrowded || performance.now() > end)
        throw new AppError('tool.failed', 'The lab PBX does not answer.', { cause })
    }
  }
}
