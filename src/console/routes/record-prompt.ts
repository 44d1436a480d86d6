import { z } from 'zod'
import { recordPrompt } from '../../lines/prompts/record-prompt.js'
import { access } from '../access.js'
import type { AddRoutes } from '../deps.js'
import { refusals } from '../problem.js'

/** A phone records a prompt. */
export const addRecordRoutes: AddRoutes = (app, deps) => {
  app.post(
    '/prompts/:name/:language/record',
    {
      config: access('prompt.record'),
      schema: {
        summary: 'Rings a phone, whose person speaks a draft of the prompt',
        params: z.object({ name: z.string().max(64), language: z.string().max(8) }),
        body: z.strictObject({
          endpoint: z.string().max(200).describe('One of GET /ring-endpoints'),
          template: z.string().max(2_000).exactOptional().describe('The words; those of `of` by default'),
          line: z
            .string()
            .max(64)
            .exactOptional()
            .describe('A line, or the id of a draft, whose values the variables get'),
          of: z.int().min(1).exactOptional().describe('The version whose words are spoken'),
        }),
        response: {
          202: z.object({ trial: z.uuid().describe('Its id in the journal'), endpoint: z.string() }),
          ...refusals,
        },
      },
    },
    async ({ params, body, actor }) => recordPrompt(deps, actor!, { ...params, ...body }),
  )
}
