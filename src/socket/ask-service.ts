import { connect, type Socket } from 'node:net'
import { AppError } from '../core/errors.js'
import { text } from '../core/message.js'
import { SocketFolder } from '../keeper/socket-folder.js'
import {
  LineReader,
  readAnswer,
  type ServiceRequest,
  type ServiceResults,
  serviceSocket,
} from './protocol.js'

/** How long the service may take to answer, ms: it reads the draft, journals, and asks the PBX. A person waits. */
const ANSWER_MS = 10_000

/**
 * Sends a request to the service of a data folder.
 *
 * @param data absolute path of the data folder, which belongs to the user of this process
 * @throws AppError `service.unavailable` if no service answers; the error in the service's answer
 */
export async function askService<Request extends ServiceRequest>(
  data: string,
  request: Request,
): Promise<ServiceResults[Request['do']]> {
  const folder = await openFolder(serviceSocket(data))
  try {
    if (!(await folder.hasSocket())) throw away()
    return readAnswer<Request['do']>(await exchange(folder.socket, `${JSON.stringify(request)}\n`))
  } finally {
    folder.close()
  }
}

async function openFolder(socket: string): Promise<SocketFolder> {
  try {
    return await SocketFolder.open(socket, 'fail')
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw code === 'ENOENT'
      ? away()
      : new AppError(
          'service.unavailable',
          text`The service is not asked: ${code === 'EACCES' ? 'its folder is closed to this user' : message}. Run this as the user of the service.`,
        )
  }
}

/** @returns the line that answers @throws AppError `service.unavailable` */
function exchange(path: string, line: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new LineReader()
    const socket: Socket = connect(path)
    const timer = setTimeout(() => {
      socket.destroy()
      reject(unanswered())
    }, ANSWER_MS)
    socket.once('connect', () => socket.write(line))
    socket.on('data', chunk => {
      try {
        const answer = reader.push(chunk)
        if (answer === undefined) return
        resolve(answer)
      } catch (error) {
        reject(error as Error)
      }
      socket.destroy()
    })
    let connected = false
    socket.once('connect', () => {
      connected = true
    })
    socket.once('error', () => reject(connected ? unanswered() : away()))
    socket.once('close', () => {
      clearTimeout(timer)
      reject(unanswered())
    })
  })
}

const away = () =>
  new AppError(
    'service.unavailable',
    'The service does not run here: start consentry serve with the same CONSENTRY_DATA, and try again.',
    { retryable: true },
  )
const unanswered = () =>
  new AppError(
    'service.unavailable',
    'The service does not answer. It may do what was asked nevertheless: see its log before you try again.',
    { retryable: true },
  )
