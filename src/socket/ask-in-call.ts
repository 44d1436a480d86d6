import { requireRight } from '../accounts/deeds.js'
import type { DepsWith } from '../accounts/deps.js'
import type { Actor } from '../core/actor.js'
import { AppError } from '../core/errors.js'
import { isUuid } from '../core/ids.js'
import { askService } from './ask-service.js'
import type { AskRequest } from './protocol.js'

/** The call layer's answer to the order to ask the caller. */
export interface AskingCalls {
  ask(id: string): 'asked' | keyof typeof REFUSALS
}

/** Why the caller is not asked, as messages. */
export const REFUSALS = {
  unknown: 'No such call is under way.',
  'not-talking': 'The person of this call is in no conversation now.',
  asking: 'The person of this call is being asked.',
  paused: 'The recordings of this call are paused.',
  'nothing-to-ask': 'There is nothing to ask: the line asks for nothing to which this person has not agreed.',
  'from-inside': 'This call came from a phone of the company, which is never asked.',
  shed: 'No caller is asked now, because calls are shed: see the alarms of the service.',
} as const

/**
 * Has the service ask the caller in the middle of the conversation. The journal records the outcome.
 *
 * @returns once the question begins
 * @throws AppError `not-found` if no such call is in progress; `request.conflict` if the caller cannot be asked now;
 *   `service.unavailable`
 */
export async function askInCall(
  { config }: DepsWith<never, 'data'>,
  actor: Actor,
  call: string,
): Promise<{ call: string }> {
  requireRight(actor, 'call.ask')
  if (!isUuid(call)) throw new AppError('not-found', REFUSALS.unknown)
  return askService(config.data, { do: 'ask', call })
}

/** Makes the handler of this request in the service. @throws AppError as `askInCall` */
export const inCallAsker =
  (calls: AskingCalls) =>
  async ({ call }: AskRequest): Promise<{ call: string }> => {
    const outcome = calls.ask(call)
    if (outcome === 'asked') return { call }
    throw new AppError(outcome === 'unknown' ? 'not-found' : 'request.conflict', REFUSALS[outcome])
  }
