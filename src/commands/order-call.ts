import { readConfig } from '../config/config.js'
import { orderCall } from '../socket/order-call.js'
import { type Command, oneWord, print } from './command.js'

/** The output of each order. */
const DONE = { pause: 'Paused.', resume: 'Goes on.', ask: 'The person is being asked.' } as const

/** Sends the running service an order about a call, and prints its answer. @returns the exit code */
export async function giveOrder(to: keyof typeof DONE, call: string, json: boolean): Promise<number> {
  const body = await orderCall({ config: readConfig(process.env, 'tool') }, call, to)
  return print({ json }, body, `${DONE[to]}\n`)
}

/** Both verbs ask the running service. */
const verb = (to: 'pause' | 'resume', summary: string, details?: string): Command => ({
  summary,
  ...(details && { details }),
  usage: ['CALL'],
  example: `${to} 0b7f2c52-6b0e-4f0e-9a39-1f2a6ad6cb55`,
  options: {},
  run: request => giveOrder(to, oneWord(request, 'call id'), request.json),
})

export const pause = verb(
  'pause',
  'Pauses the recordings of a call',
  'Nothing is kept until resume, or until the time that the line allows is over: for example while a card number is said.',
)
export const resume = verb('resume', 'Continues the paused recordings of a call')
