import { createHash } from 'node:crypto'
import { createServer } from 'node:net'

/**
 * Claims something of this machine for as long as this process lives, by a socket in the kernel's own name space (unix(7),
 * "abstract"): only one process can have it, and however that ends, it is gone. Containers have name spaces of their own.
 *
 * Every user of the machine can take such a name, so use it only for what every user can take anyway, such as a port.
 *
 * @param what told apart from other claims by all of its words
 * @returns false when another process, or this one, has it already
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
