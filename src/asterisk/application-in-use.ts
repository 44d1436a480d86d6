import { codeOf } from '../core/errors.js'
import type { AriTransport } from './transport/ari-transport.js'

const ignoreEvents = { event() {}, garbled() {}, closed() {} }

/**
 * Whether an ARI application is in use: a process is connected to it, or channels that it subscribed to still exist. ARI does not
 * distinguish the two.
 *
 * @throws AppError `pbx.unavailable`, `pbx.timeout`, `pbx.refused`
 */
export async function isApplicationInUse(ari: AriTransport, app: string): Promise<boolean> {
  try {
    await ari.request('applications', 'get', { applicationName: app })
  } catch (error) {
    if (codeOf(error) === 'pbx.gone') return false
    throw error
  }
  // Asterisk forgets an unused application only when the socket of another application closes.
  const close = await ari.listen(`${app}-look`, ignoreEvents)
  close()
  return true
}
