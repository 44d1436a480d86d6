import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { AppError } from '../shared/errors.js'

/** Everything in the lab listens here and nowhere else. */
export const LOOPBACK = '127.0.0.1'

/**
 * A TCP port on loopback that was free a moment ago: the wanted one, or any.
 * @throws AppError `config.invalid` when somebody listens on the wanted one
 */
export async function freeTcpPort(wanted = 0): Promise<number> {
  const server = createServer().listen(wanted, LOOPBACK)
  await once(server, 'listening').catch(inUse(wanted))
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/**
 * The same for UDP.
 * @throws AppError `config.invalid`
 */
export async function freeUdpPort(wanted = 0): Promise<number> {
  const socket = createSocket('udp4').bind(wanted, LOOPBACK)
  await once(socket, 'listening').catch(inUse(wanted))
  const { port } = socket.address()
  socket.close()
  await once(socket, 'close')
  return port
}

const inUse = (port: number) => (): never => {
  throw new AppError(
    'config.invalid',
    `Port ${port} is in use; choose another, or leave it out to take a free one.`,
  )
}
