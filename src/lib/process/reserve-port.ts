import { createHash, randomInt } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { createServer } from 'node:net'

/** Address of all reserved ports. */
export const LOOPBACK = '127.0.0.1'

/**
 * First and last port to choose from. The kernel assigns ports from 32768 on to programs that ask for any port. A port below
 * therefore stays free while the program that reserved it restarts. The PBXs of the lab use lower ports for media.
 */
const [FIRST, LAST] = [30_000, 32_767]

const reserved = new Set<number>()

/**
 * Reserves a port of this machine as long as this process lives. Other callers of this function do not get the port, also while
 * no program listens on it, so the program that uses it can restart.
 *
 * @param wanted the port to reserve; any port if not given
 * @returns the port; undefined if the wanted port is in use, or all ports are
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

/**
 * Claims a name on this machine as long as this process lives. It listens on an abstract Unix socket (unix(7)) of that name. Only
 * one process can have the socket, and the kernel removes it when the process ends. A container has names of its own.
 *
 * Every user of the machine can claim a name. So use it only for a resource that every user can take, such as a port.
 *
 * @param what words that together make the name
 * @returns false if another process, or this one, has claimed the name
 */
function claimName(...what: string[]): Promise<boolean> {
  const name = createHash('sha256').update(JSON.stringify(what)).digest('hex')
  const server = createServer(socket => socket.destroy())
  return new Promise(resolve => {
    server.once('error', () => resolve(false))
    server.listen({ path: `\0consentry-${name}` }, () => resolve(true))
    server.unref()
  })
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
