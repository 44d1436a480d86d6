import { AppError } from '../src/core/errors.js'
import { reservePort } from '../src/lib/process/reserve-port.js'

/** The only address on which parts of the lab listen. */
export { LOOPBACK } from '../src/lib/process/reserve-port.js'

/**
 * Reserves a port until this process ends.
 *
 * @param wanted a free port by default
 * @throws AppError `config.invalid` if the wanted port is in use
 */
export async function labPort(transport: 'tcp' | 'udp', wanted?: number): Promise<number> {
  const port = await reservePort(transport, wanted)
  if (port !== undefined) return port
  throw new AppError(
    'config.invalid',
    wanted
      ? `Port ${wanted} is in use; choose another, or leave it out to take a free one.`
      : 'No port is free.',
  )
}
