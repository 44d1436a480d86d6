import { userInfo } from 'node:os'
import { type Actor, personBehind, type SystemUser } from '../core/actor.js'
import { type Request, text, UsageError } from './command.js'

/** The option of every verb whose actor is journalled. */
export const byOption = { by: { type: 'string' } } as const

/**
 * Finds the actor: the name given with `--by`, else the person who runs this process, directly or by `sudo`.
 *
 * @throws UsageError if the system's user is not a person and no name is given
 */
export function actor(request: Request, user = systemUser()): Actor {
  const name = text(request, 'by')?.trim() || personBehind(user)
  if (name) return { name, way: 'command', roles: ['superuser'] }
  throw new UsageError(
    `say who acts, with --by NAME: it is journalled, and the system's user ${user.name ?? user.uid} is no person`,
  )
}

function systemUser(): SystemUser {
  const sudoUser = process.env['SUDO_USER']
  try {
    const { uid, username: name } = userInfo()
    return { uid, name, sudoUser }
  } catch {
    return { uid: process.getuid?.() ?? 0, name: undefined, sudoUser }
  }
}

/** Requires the reason of an action, for readers in later years. */
export function reasonOf(request: Request): string {
  const reason = text(request, 'reason')?.trim()
  if (!reason) throw new UsageError('say why: --reason TEXT')
  return reason
}
