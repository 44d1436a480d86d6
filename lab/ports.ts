import { reservePort } from '../src/process/reserve-port.js'
import { AppError } from '../src/shared/errors.js'

/** Everything in the lab listens here and nowhere else. */
export { LOOPBACK } from '../src/process/reserve-port.js'

/**
 * A port of the lab, which keeps it as long as this process lives: the wanted one, or any.
 * @throws AppError `config.invalid` when somebody has the wanted one
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
