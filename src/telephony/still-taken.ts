import type { Client } from 'ari-client'
import { codeOf } from '../shared/errors.js'
import { rest } from './ari-rest.js'
import { openSocket } from './ari-socket.js'

const deaf = { event() {}, garbled() {}, closed() {} }

/**
 * Whether somebody hears an application, or heard it and channels that it listened to are still there: the PBX does not tell
 * these two apart.
 *
 * @throws AppError `pbx.unavailable`, `pbx.timeout`, `pbx.refused`
 */
export async function isStillTaken(client: Client, app: string): Promise<boolean> {
  try {
    await rest(client, 'applications', 'get', { applicationName: app })
  } catch (error) {
    if (codeOf(error) === 'pbx.gone') return false
    throw error
  }
  // Asterisk forgets an application that nobody hears when the socket of another one closes, and not before.
  const close = await openSocket(client, `${app}-look`, deaf)
  close()
  return true
}
