import { lstatSync, mkdirSync, unlinkSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { dirname } from 'node:path'
import { MAX_SOCKET_PATH } from './protocol.js'

/** Connections at once: one service, its successor, and whoever only looks whether we are there. */
const MAX_CONNECTIONS = 8
/** Bytes that may wait for a service that reads slowly, before audio waits with us instead. */
const HIGH_WATER_MARK = 256 * 1024

/**
 * Listens at the socket's path, in place of a dead keeper's socket if need be.
 *
 * @returns undefined if a live keeper listens there already
 * @throws Error if the path is too long, or its folder lets others in
 */
export async function listen(path: string, accept: (socket: Socket) => void): Promise<Server | undefined> {
  if (Buffer.byteLength(path) > MAX_SOCKET_PATH)
    throw new Error(`socket path is over ${MAX_SOCKET_PATH} bytes`)
  const folder = dirname(path)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const stat = lstatSync(folder)
  if (!stat.isDirectory() || stat.uid !== process.geteuid?.() || (stat.mode & 0o077) !== 0) {
    throw new Error(`${folder} must be a folder of our own, mode 0700`)
  }
  const server = createServer({ highWaterMark: HIGH_WATER_MARK }, accept)
  server.maxConnections = MAX_CONNECTIONS
  try {
    await listening(server, path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    if (await answers(path)) return undefined
    unlinkSync(path)
    await listening(server, path)
  }
  return server
}

const listening = (server: Server, path: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, () => {
      server.off('error', reject)
      resolve()
    })
  })

const answers = (path: string): Promise<boolean> =>
  new Promise(resolve => {
    const socket = connect(path)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
