import { z } from 'zod'
import { recordPrompt } from '../../lines/prompts/record-prompt.js'
import { addApi, consoleDeed } from '../deed-routes.js'
import type { AddRoutes } from '../deps.js'

/** Rings a phone that records a prompt, for programs and for the page of the prompt. */
export const recording = consoleDeed(
  'prompt.record',
  {
    ...{ name: z.string().max(64), language: z.string().max(8) },
    endpoint: z.string().max(200).describe('One of GET /ring-endpoints'),
    template: z.string().max(2_000).exactOptional().describe('The words; those of `of` by default'),
    line: z
      .string()
      .max(64)
      .exactOptional()
      .describe('A line, or the id of a draft, whose values the variables get'),
    of: z.int().min(1).exactOptional().describe('The version whose words are spoken'),
  },
  recordPrompt,
)

/** A phone records a prompt. */
export const addRecordRoutes: AddRoutes = (app, deps) =>
  addApi(app, deps, recording, {
    path: '/prompts/:name/:language/record',
    summary: 'Rings a phone, whose person speaks a draft of the prompt',
    response: { 202: z.object({ trial: z.uuid().describe('Its id in the journal'), endpoint: z.string() }) },
    answer: rung => rung,
  })
