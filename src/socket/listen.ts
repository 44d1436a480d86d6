import { unlinkSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import type { Clock } from '../core/clock.js'
import { AppError, codeOf } from '../core/errors.js'
import { messageOf } from '../core/message.js'
import { SocketFolder } from '../keeper/socket-folder.js'
import type { Log } from '../lib/log.js'
import {
  LineReader,
  readRequest,
  type ServiceAnswer,
  type ServiceRequest,
  type ServiceResults,
} from './protocol.js'

/** Connections at once. Requests are rare: a person waits for each. */
const MAX_CONNECTIONS = 8
/** How long a client may take to send its request, and to read the answer, ms. */
const CLIENT_MS = 5_000

/** Carries requests out. Each may take some seconds, and throws `AppError`. */
export type RequestHandlers = {
  [Name in ServiceRequest['do']]: (
    request: Extract<ServiceRequest, { do: Name }>,
  ) => Promise<ServiceResults[Name]>
}

export interface ListenDeps {
  handlers: RequestHandlers
  clock: Pick<Clock, 'after'>
  log: Log
}

/** The socket on which the service accepts requests. */
export interface ServiceListener {
  /** Closes the socket and all connections. Requests in progress are not answered. May be called again. */
  stop(): Promise<void>
}

/**
 * Takes requests at the socket's path. The socket of a dead service is replaced, so the caller must hold the lock of
 * the data folder. A client that sends too much, too slowly or nonsense is disconnected. If the socket cannot be
 * opened, for example because the folder belongs to another user, this is logged and no request is taken: calls do not
 * need the socket.
 *
 * @param path absolute path of the socket, of any length
 */
export async function listenForRequests(path: string, deps: ListenDeps): Promise<ServiceListener> {
  try {
    return await listen(path, deps)
  } catch (error) {
    const { message } = error as Error
    deps.log.error(
      { reason: message },
      'the service takes no requests of the console: it rings no phone and takes no key',
    )
    return { stop: async () => {} }
  }
}

async function listen(path: string, deps: ListenDeps): Promise<ServiceListener> {
  const folder = await SocketFolder.open(path, 'make')
  const connections = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true }, socket => {
    connections.add(socket)
    socket.once('close', () => connections.delete(socket))
    serve(socket, deps)
  })
  server.maxConnections = MAX_CONNECTIONS
  try {
    await startListening(server, folder.socket).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EADDRINUSE') throw error
      unlinkSync(folder.socket)
      return startListening(server, folder.socket)
    })
  } catch (error) {
    folder.close()
    throw error
  }
  return {
    async stop() {
      if (!server.listening) return
      const closed = new Promise(resolve => server.close(resolve))
      for (const socket of connections) socket.destroy()
      await closed
      folder.close()
    },
  }
}

const startListening = (server: Server, path: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, () => {
      server.off('error', reject)
      resolve()
    })
  })

/** Reads one request of a connection, and answers it. */
function serve(socket: Socket, { handlers, clock, log }: ListenDeps): void {
  const reader = new LineReader()
  let cancel = clock.after(CLIENT_MS, () => socket.destroy())
  socket.once('close', () => cancel())
  // Every error is followed by `close`.
  socket.on('error', () => {})
  socket.on('data', read)

  function read(chunk: Buffer): void {
    try {
      const line = reader.push(chunk)
      if (line === undefined) return
      stopReading()
      carryOut(readRequest(line), handlers, log)
        .then(answer)
        .catch(error => answer(answerOf(error, log)))
    } catch (error) {
      stopReading()
      answer(answerOf(error, log))
    }
  }

  /** Ignores further data from a client after its request. */
  function stopReading(): void {
    socket.off('data', read)
    socket.pause()
    cancel()
  }

  function answer(given: ServiceAnswer): void {
    if (socket.destroyed) return
    cancel = clock.after(CLIENT_MS, () => socket.destroy())
    socket.end(`${JSON.stringify(given)}\n`, () => socket.destroySoon())
  }
}

async function carryOut(
  request: ServiceRequest,
  handlers: RequestHandlers,
  log: Log,
): Promise<ServiceAnswer> {
  try {
    // TypeScript does not see that a request fits the handler of its own name.
    const handler = handlers[request.do] as (
      one: ServiceRequest,
    ) => Promise<ServiceResults[typeof request.do]>
    return { result: await handler(request) }
  } catch (error) {
    return answerOf(error, log)
  }
}

/** Makes the answer of an error. An unexpected error's message is left out, because it may quote secrets. */
function answerOf(error: unknown, log: Log): ServiceAnswer {
  if (error instanceof AppError) return { error: { code: error.code, message: error.text } }
  log.error({ kind: (error as Error)?.name, code: codeOf(error) }, 'a request on the service socket failed')
  const message = messageOf('The service could not do it: its log has the kind of the fault.')
  return { error: { code: 'service.unavailable', message } }
}
