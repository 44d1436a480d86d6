import type { FastifyRequest } from 'fastify'
import { viewOf } from './view.js'
import { wordsIn } from './words/words.js'

/**
 * The message of an API's refusal for its requester. The script of a page gets it in the language of its page, because
 * it shows it to a person. A program gets it unchanged.
 */
export function toldTo({ headers }: Pick<FastifyRequest, 'headers'>, detail: string): string {
  if (headers['sec-fetch-site'] !== 'same-origin') return detail
  return wordsIn(viewOf({ headers }).language).problem.told(detail)
}
