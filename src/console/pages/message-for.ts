import type { FastifyRequest } from 'fastify'
import { english, type Message } from '../../core/message.js'
import { viewOf } from './view.js'
import { wordsIn } from './words/words.js'

/**
 * The message of an API's refusal for its requester. The script of a page gets it in the language of its page, because
 * it shows it to a person. A program gets it in English.
 */
export function messageFor({ headers }: Pick<FastifyRequest, 'headers'>, message: Message): string {
  if (headers['sec-fetch-site'] !== 'same-origin') return english(message)
  return wordsIn(viewOf({ headers }).language).problem.inWords(message)
}
