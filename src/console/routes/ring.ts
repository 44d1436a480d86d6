import { z } from 'zod'
import { ringDraft, ringEndpoints } from '../../lines/ring-draft.js'
import { access } from '../access.js'
import { addApi, consoleDeed } from '../deed-routes.js'
import type { AddRoutes } from '../deps.js'
import { refusals } from '../problem.js'

/** Rings a phone, for programs and for pages. */
export const ringing = consoleDeed(
  'draft.ring',
  {
    draft: z.string().max(64),
    revision: z.int().min(1).describe('The revision that was seen. Another one by now: 409'),
    endpoint: z.string().max(200).describe('One of GET /ring-endpoints'),
  },
  ringDraft,
)

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
  addApi(app, deps, ringing, {
    ...{ path: '/drafts/:draft/ring', summary: 'Rings a phone, which hears the draft as a caller would' },
    response: { 202: z.object({ trial: z.uuid().describe('Its id in the journal'), endpoint: z.string() }) },
    answer: rung => rung,
  })
}
