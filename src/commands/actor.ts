import { userInfo } from 'node:os'
import { type Request, text } from './command.js'

/** The option of every verb that leaves a trace of who asked for it. */
export const byOption = { by: { type: 'string' } } as const

/** Who acts: whom `--by` names, else the user of the operating system. */
export const actor = (request: Request): string => text(request, 'by')?.trim() || systemUser()

function systemUser(): string {
  try {
    return userInfo().username
  } catch {
    // A user id that no name belongs to, as containers have.
    return `user ${process.getuid?.()}`
  }
}
