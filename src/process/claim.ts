import { createHash } from 'node:crypto'
import { createServer } from 'node:net'

/**
 * Claims a name on this machine as long as this process lives. It listens on an abstract Unix socket (unix(7)) of that name. Only
 * one process can have the socket, and the kernel removes it when the process ends. A container has names of its own.
 *
 * Every user of the machine can claim a name. So use it only for a resource that every user can take, such as a port.
 *
 * @param what words that together make the name
 * @returns false if another process, or this one, has claimed the name
 */
export function claimName(...what: string[]): Promise<boolean> {
  const name = createHash('sha256').update(JSON.stringify(what)).digest('hex')
  const server = createServer(socket => socket.destroy())
  return new Promise(resolve => {
    server.once('error', () => resolve(false))
    server.listen({ path: `\0consentry-${name}` }, () => resolve(true))
    server.unref()
  })
}
