import type { FastifyRequest } from 'fastify'
import { viewOf } from './view.js'
import { wordsIn } from './words/words.js'

/**
 * What a refusal of the API says. The script of a page gets it in the language of its page, because it shows it to a person; a program gets
 * it as it is.
 */
export function toldTo({ headers }: Pick<FastifyRequest, 'headers'>, detail: string): string {
  if (headers['sec-fetch-site'] !== 'same-origin') return detail
  return wordsIn(viewOf({ headers }).language).problem.told(detail)
}
