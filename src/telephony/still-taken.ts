import { codeOf } from '../shared/errors.js'
import type { AriTransport } from './transport/ari-transport.js'

const deaf = { event() {}, garbled() {}, closed() {} }

/**
 * Whether somebody hears an application, or heard it and channels that it listened to are still there: the PBX does not tell
 * these two apart.
 *
 * @throws AppError `pbx.unavailable`, `pbx.timeout`, `pbx.refused`
 */
export async function isStillTaken(ari: AriTransport, app: string): Promise<boolean> {
  try {
    await ari.request('applications', 'get', { applicationName: app })
  } catch (error) {
    if (codeOf(error) === 'pbx.gone') return false
    throw error
  }
  // Asterisk forgets an application that nobody hears when the socket of another one closes, and not before.
  const close = await ari.listen(`${app}-look`, deaf)
  close()
  return true
}
