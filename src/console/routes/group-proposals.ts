import { z } from 'zod'
import { english } from '../../core/message.js'
import { groupSchema } from '../../lines/groups.js'
import { approveGroup, proposeGroup, refuseProposal, withdrawProposal } from '../../lines/propose-group.js'
import { access } from '../access.js'
import { addApi, consoleDeed } from '../deed-routes.js'
import type { AddRoutes } from '../deps.js'
import { refusals } from '../problem.js'
import { line } from './line-schemas.js'

const params = z.object({ group: z.string().max(64) })
const ofProposal = { ...params.shape, proposal: z.string().max(64) }
const comment = z.string().max(2_000).describe('What is said to it, at most 1,000 characters')
const seen = z.coerce.number().int().min(0).optional().describe('The version that was seen; 0: none')

/** Decisions about a proposed change of a group, for programs and for the page of the group. */
export const proposalDeeds = {
  approve: consoleDeed(
    'line-group.approve',
    { ...ofProposal, comment: comment.optional() },
    (deps, actor, { group: name, ...decision }) => approveGroup(deps, actor, { name, ...decision }),
  ),
  refuse: consoleDeed(
    'line-group.refuse',
    { ...ofProposal, comment },
    (deps, actor, { group: name, ...decision }) => refuseProposal(deps, actor, { name, ...decision }),
  ),
  withdraw: consoleDeed('line-group.withdraw', ofProposal, (deps, actor, { group: name, proposal }) =>
    withdrawProposal(deps, actor, { name, proposal }),
  ),
}

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
  addApi(app, deps, proposalDeeds.approve, {
    path: '/line-groups/:group/proposals/:proposal/approve',
    summary: 'Approves a proposed change, and makes it',
    response: {
      200: z.object({
        ...{ name: z.string(), version: z.int(), lines: z.array(line), warnings: z.array(z.string()) },
      }),
    },
    answer: changed => ({
      ...changed,
      lines: changed.lines.map(one => ({ ...one })),
      warnings: changed.warnings.map(english),
    }),
  })
  addApi(app, deps, proposalDeeds.refuse, {
    path: '/line-groups/:group/proposals/:proposal/refuse',
    summary: 'Rejects a proposed change, and says why',
    response: { 200: z.object({ refused: z.string() }) },
    answer: (_done, { proposal }) => ({ refused: proposal }),
  })
  addApi(app, deps, proposalDeeds.withdraw, {
    ...{ method: 'DELETE', path: '/line-groups/:group/proposals/:proposal' },
    summary: 'Withdraws a proposed change',
    response: { 200: z.object({ withdrawn: z.string() }) },
    answer: (_done, { proposal }) => ({ withdrawn: proposal }),
  })
}
