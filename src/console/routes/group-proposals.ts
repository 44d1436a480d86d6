import { z } from 'zod'
import { english } from '../../core/message.js'
import { groupSchema } from '../../lines/groups.js'
import { approveGroup, proposeGroup, refuseProposal, withdrawProposal } from '../../lines/propose-group.js'
import { access } from '../access.js'
import type { AddRoutes } from '../deps.js'
import { refusals } from '../problem.js'
import { line } from './line-schemas.js'

const params = z.object({ group: z.string().max(64) })
const ofProposal = params.extend({ proposal: z.string().max(64) })
const comment = z.string().max(2_000).describe('What is said to it, at most 1,000 characters')
const seen = z.coerce.number().int().min(0).optional().describe('The version that was seen; 0: none')

/** Changes of groups of lines that await approval. */
export const addGroupProposalRoutes: AddRoutes = (app, deps) => {
  app.post(
    '/line-groups/:group/proposals',
    {
      config: access('line-group.propose'),
      schema: {
        summary: 'Proposes a change of a group, in place of one that waits',
        params,
        querystring: z.object({ seen }),
        body: groupSchema,
        response: {
          201: z.object({
            id: z.uuid(),
            name: z.string(),
            base: z.int(),
            fields: z.looseObject({}),
            by: z.string(),
            at: z.iso.datetime(),
          }),
          ...refusals,
        },
      },
    },
    async ({ params, query: { seen }, body, actor }) => {
      const made = await proposeGroup(deps, actor!, { name: params.group, input: body, seen })
      return { ...made, fields: { ...made.fields } }
    },
  )
  app.post(
    '/line-groups/:group/proposals/:proposal/approve',
    {
      config: access('line-group.approve'),
      schema: {
        summary: 'Approves a proposed change, and makes it',
        params: ofProposal,
        body: z.strictObject({ comment: comment.optional() }).optional(),
        response: {
          200: z.object({
            name: z.string(),
            version: z.int(),
            lines: z.array(line),
            warnings: z.array(z.string()),
          }),
          ...refusals,
        },
      },
    },
    async ({ params: { group: name, proposal }, body, actor }) => {
      const changed = await approveGroup(deps, actor!, { name, proposal, ...body })
      return {
        ...changed,
        lines: changed.lines.map(one => ({ ...one })),
        warnings: changed.warnings.map(english),
      }
    },
  )
  app.post(
    '/line-groups/:group/proposals/:proposal/refuse',
    {
      config: access('line-group.refuse'),
      schema: {
        summary: 'Rejects a proposed change, and says why',
        params: ofProposal,
        body: z.strictObject({ comment }),
        response: { 200: z.object({ refused: z.string() }), ...refusals },
      },
    },
    async ({ params: { group: name, proposal }, body, actor }) => {
      await refuseProposal(deps, actor!, { name, proposal, ...body })
      return { refused: proposal }
    },
  )
  app.delete(
    '/line-groups/:group/proposals/:proposal',
    {
      config: access('line-group.withdraw'),
      schema: {
        summary: 'Withdraws a proposed change',
        params: ofProposal,
        response: { 200: z.object({ withdrawn: z.string() }), ...refusals },
      },
    },
    async ({ params: { group: name, proposal }, actor }) => {
      await withdrawProposal(deps, actor!, { name, proposal })
      return { withdrawn: proposal }
    },
  )
}
