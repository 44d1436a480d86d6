import { randomInt } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { createServer } from 'node:net'
import { claimName } from './claim.js'

/** Where all of these ports are. */
export const LOOPBACK = '127.0.0.1'

/**
 * First and last port that is drawn. The kernel hands out others, from 32768 on, to whoever asks for any: so what is drawn here
 * stays free while its owner is down for a moment. Below are those of the lab PBXs' media.
 */
const [FIRST, LAST] = [30_000, 32_767]

const reserved = new Set<number>()

/**
 * Takes a port of this machine for as long as this process lives: nobody else who asks here gets it, not even while nobody
 * listens, so that whatever listens there can end and come back.
 *
 * @param wanted any if not given
 * @returns undefined when the wanted one is in use, or none is left
 */
export async function reservePort(
  transport: 'tcp' | 'udp',
  wanted?: number | null,
): Promise<number | undefined> {
  if (wanted) return (await claimFree(wanted, transport)) ? wanted : undefined
  const size = LAST - FIRST + 1
  const start = randomInt(size)
  for (let i = 0; i < size; i++) {
    const port = FIRST + ((start + i) % size)
    if (!reserved.has(port) && (await claimFree(port, transport))) return port
  }
  return undefined
}

const claimFree = async (port: number, transport: 'tcp' | 'udp'): Promise<boolean> =>
  (reserved.has(port) || (await claimPort(port))) &&
  (await (transport === 'tcp' ? isFreeTcp : isFreeUdp)(port))

async function claimPort(port: number): Promise<boolean> {
  const claimed = await claimName('port', String(port))
  if (claimed) reserved.add(port)
  return claimed
}

function isFreeTcp(port: number): Promise<boolean> {
  const server = createServer(socket => socket.destroy())
  return new Promise(resolve => {
    server.once('error', () => resolve(false))
    server.listen({ host: LOOPBACK, port }, () => server.close(() => resolve(true)))
  })
}

function isFreeUdp(port: number): Promise<boolean> {
  const socket = createSocket('udp4')
  return new Promise(resolve => {
    socket.once('error', () => socket.close(() => resolve(false)))
    socket.bind(port, LOOPBACK, () => socket.close(() => resolve(true)))
  })
}
