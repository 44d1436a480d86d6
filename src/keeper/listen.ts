import { unlinkSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { SocketFolder } from './socket-folder.js'

/** Parallel connections: one service, its successor, and checks whether the keeper runs. */
const MAX_CONNECTIONS = 8
/** Bytes that may wait in a socket for a service that reads slowly. Further audio waits in the leg buffers. */
const HIGH_WATER_MARK = 256 * 1024

/**
 * Listens at the socket's path. Replaces the socket of a dead keeper.
 *
 * @param socket path of the socket, absolute, of any length
 * @param accept gets each connection
 * @returns undefined if another keeper listens there
 * @throws Error if the socket's folder belongs to another user or is open to others; the system's error
 */
export async function listen(socket: string, accept: (socket: Socket) => void): Promise<Server | undefined> {
  // The folder must stay open as long as the server, which removes the socket by this path.
  const folder = await SocketFolder.open(socket, 'make')
  const path = folder.socket
  const server = createServer({ highWaterMark: HIGH_WATER_MARK }, accept)
  server.maxConnections = MAX_CONNECTIONS
  try {
    await startListening(server, path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    if ((await folder.hasSocket()) && (await isAnswering(path))) return undefined
    unlinkSync(path)
    await startListening(server, path)
  }
  return server
}

const startListening = (server: Server, path: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, () => {
      server.off('error', reject)
      resolve()
    })
  })

const isAnswering = (path: string): Promise<boolean> =>
  new Promise(resolve => {
    const socket = connect(path)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
