import type { FastifyRequest } from 'fastify'
import { codeOf } from '../../../shared/errors.js'
import type { Answer } from '../../answer.js'
import { pageFor } from '../page.js'
import { Wrong } from '../parts/fields.js'

/**
 * Leads to the line, if a new one was refused because its number is a line already.
 *
 * @throws the error, if it is another one
 */
export function lineExists(request: FastifyRequest, number: string, error: unknown): Answer {
  if (codeOf(error) !== 'request.conflict') throw error
  return pageFor(request, ({ words }) => ({
    title: words.edit.newLine,
    section: 'lines',
    status: 409,
    body: (
      <div class="stack">
        <h1>{words.edit.newLine}</h1>
        <Wrong why={words.problem.told((error as Error).message)} />
        <p>
          <a class="button main" href={`/lines/${encodeURIComponent(number)}`}>
            {words.line.title(number)}
          </a>
        </p>
      </div>
    ),
  }))
}
