import { AppError } from '../../core/errors.js'
import { listenAddress } from './limited-server.js'

/** A server that is not listening yet. */
interface Listener {
  listen(at: { host: string; port: number }): Promise<string>
}

/** Why a system refuses an address, with what to do. */
const REFUSALS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program listens there. End it, or give another port',
  EADDRNOTAVAIL: 'this machine does not have the address. Give one that it has',
  EACCES: 'this user may not listen there. Give a port from 1024',
}

/**
 * Lets a server listen.
 *
 * @param setting names the address in the refusal
 * @returns the URL
 * @throws AppError `config.invalid` if the system refuses the address
 */
export async function listenAt(
  server: Listener,
  at: { host: string; port: number },
  setting: string,
): Promise<string> {
  try {
    return await server.listen(listenAddress(at))
  } catch (cause) {
    const { code = '' } = cause as NodeJS.ErrnoException
    const why = REFUSALS[code]
    if (why === undefined) throw cause
    const message = `${setting} ${at.host}:${at.port} cannot be used (${code}): ${why}.`
    throw new AppError('config.invalid', message, { cause })
  }
}
