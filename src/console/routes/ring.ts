import { z } from 'zod'
import { ringDraft, ringEndpoints } from '../../lines/ring-draft.js'
import { access } from '../access.js'
import type { AddRoutes } from '../deps.js'
import { refusals } from '../problem.js'

/** Phones: which may be rung, and ringing one to hear a draft. */
export const addRingRoutes: AddRoutes = (app, deps) => {
  app.get(
    '/ring-endpoints',
    {
      config: access('ring-endpoint.list'),
      schema: {
        summary: 'Lists the phones that may be rung to hear a draft',
        response: {
          200: z
            .array(z.string())
            .describe('As the PBX names them. Empty: CONSENTRY_RING_ENDPOINTS is not set'),
          ...refusals,
        },
      },
    },
    async () => ringEndpoints(deps),
  )
  app.post(
    '/drafts/:draft/ring',
    {
      config: access('draft.ring'),
      schema: {
        summary: 'Rings a phone, which hears the draft as a caller would',
        params: z.object({ draft: z.string().max(64) }),
        body: z.strictObject({
          revision: z.int().min(1).describe('The revision that was seen. Another one by now: 409'),
          endpoint: z.string().max(200).describe('One of GET /ring-endpoints'),
        }),
        response: {
          202: z.object({ trial: z.uuid().describe('Its id in the journal'), endpoint: z.string() }),
          ...refusals,
        },
      },
    },
    async ({ params, body, actor }) => ringDraft(deps, actor!, { ...params, ...body }),
  )
}
