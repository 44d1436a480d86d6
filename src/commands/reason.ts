import { type Request, text, UsageError } from './command.js'

/** Why something is done: it will be read years later. */
export function reasonOf(request: Request): string {
  const reason = text(request, 'reason')?.trim()
  if (!reason) throw new UsageError('say why: --reason TEXT')
  return reason
}
