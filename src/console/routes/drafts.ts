import { z } from 'zod'
import { english } from '../../core/message.js'
import { lineSchema } from '../../lines/change-lines.js'
import { approveDraft, refuseDraft, requestApproval } from '../../lines/drafts/approve-draft.js'
import { beginDraft, changeDraft, discardDraft, rebaseDraft } from '../../lines/drafts/edit-draft.js'
import { publishDraft } from '../../lines/drafts/publish-draft.js'
import { cancelSchedule, scheduleDraft } from '../../lines/drafts/schedule-draft.js'
import { draftInEnglish, listDrafts, readDraft, summaryInEnglish } from '../../lines/drafts/show-draft.js'
import { access } from '../access.js'
import type { AddRoutes } from '../deps.js'
import { refusals } from '../problem.js'
import { changedLine, difference } from './line-schemas.js'

const time = z.iso.datetime()
const step = z.object({ by: z.string(), way: z.string(), at: time })
const summary = z.object({
  id: z.uuid(),
  line: z.string(),
  base: z.int().describe('The version that it changes; 0 if the number was no line'),
  revision: z.int(),
  state: z.enum(['open', 'awaiting-approval', 'approved', 'scheduled', 'published', 'discarded']),
  made: step,
  changed: step,
  approved: step.nullable().describe('Null if nobody has approved this revision'),
  scheduled: step.nullable().describe('`at`: when it is to be published'),
  failure: z
    .object({ at: time, reason: z.string() })
    .nullable()
    .describe('Why it was not published at its time'),
  publishedVersion: z.int().nullable(),
})
const draft = summary.extend({
  input: z.unknown().describe('As it was typed'),
  approvalComment: z.string().nullable().describe('What was said when this revision was approved'),
  refused: step
    .extend({ revision: z.int(), comment: z.string() })
    .nullable()
    .describe('Who did not approve it when that was last asked for, and why'),
  faults: z
    .array(
      z.object({ path: z.array(z.union([z.string(), z.int()])), field: z.string(), message: z.string() }),
    )
    .describe('What is wrong, at which field. Empty if it can be published'),
  examples: z
    .array(z.object({ path: z.string(), message: z.string() }))
    .describe('Prompts that name the example company of the shipped ones. It cannot be published with them'),
  warnings: z.array(z.string()),
  differences: z.array(difference).nullable().describe('From the version that it changes; null with faults'),
  changesNothing: z.boolean().describe('True: it is equal to the line in force, and cannot be published'),
  outdated: z.boolean().describe('True: rebase it before it is published'),
  changedMeanwhile: z.array(difference).describe('What differs between the two versions'),
})

const { number } = lineSchema.shape
const ofLine = z.object({ number })
const ofDraft = z.object({ draft: z.string().max(64) })
const revision = z.int().min(1).describe('The revision that was seen. Another one by now: 409')
const seen = z.strictObject({ revision })
const comment = z.string().max(2_000)

/** Drafts of lines: from typing to publication. */
export const addDraftRoutes: AddRoutes = (app, deps) => {
  app.get(
    '/lines/:number/drafts',
    {
      config: access('draft.list'),
      schema: {
        summary: 'Lists the drafts of a line',
        params: ofLine,
        response: { 200: z.array(summary), ...refusals },
      },
    },
    async ({ params }) => (await listDrafts(deps, params.number)).map(summaryInEnglish),
  )
  app.post(
    '/lines/:number/drafts',
    {
      config: access('draft.begin'),
      schema: {
        summary: 'Begins a draft of a line',
        params: ofLine,
        body: z.strictObject({
          input: z.unknown().optional().describe('As in POST /lines; it may be incomplete, and name a group'),
        }),
        response: { 201: draft, ...refusals },
      },
    },
    async ({ params, body, actor }) =>
      draftInEnglish(await beginDraft(deps, actor!, { line: params.number, input: body.input })),
  )
  app.get(
    '/drafts/:draft',
    {
      config: access('draft.read'),
      schema: {
        summary: 'One draft with its faults',
        params: ofDraft,
        response: { 200: draft, ...refusals },
      },
    },
    async ({ params }) => draftInEnglish(await readDraft(deps, params.draft)),
  )
  app.put(
    '/drafts/:draft',
    {
      config: access('draft.change'),
      schema: {
        summary: 'Stores the next revision',
        params: ofDraft,
        body: z.strictObject({ revision, input: z.unknown() }),
        response: { 200: draft, ...refusals },
      },
    },
    async ({ params, body, actor }) =>
      draftInEnglish(
        await changeDraft(deps, actor!, { ...params, revision: body.revision, input: body.input }),
      ),
  )
  app.delete(
    '/drafts/:draft',
    {
      config: access('draft.discard'),
      schema: {
        summary: 'Discards a draft',
        params: ofDraft,
        querystring: z.strictObject({ revision: z.coerce.number().int().min(1) }),
        response: { 200: z.object({ discarded: z.literal(true) }), ...refusals },
      },
    },
    async ({ params, query, actor }) => {
      await discardDraft(deps, actor!, { ...params, ...query })
      return { discarded: true as const }
    },
  )
  app.post(
    '/drafts/:draft/request-approval',
    {
      config: access('draft.request-approval'),
      schema: {
        summary: "Asks for a second person's approval",
        params: ofDraft,
        body: seen,
        response: { 200: draft, ...refusals },
      },
    },
    async ({ params, body, actor }) =>
      draftInEnglish(await requestApproval(deps, actor!, { ...params, ...body })),
  )
  app.post(
    '/drafts/:draft/approve',
    {
      // Only a person approves. A token could belong to the person who changed the draft.
      config: access('draft.approve'),
      schema: {
        summary: 'Approves a revision of a draft',
        params: ofDraft,
        body: seen.extend({ comment: comment.optional() }),
        response: { 200: draft, ...refusals },
      },
    },
    async ({ params, body, actor }) =>
      draftInEnglish(await approveDraft(deps, actor!, { ...params, ...body })),
  )
  app.post(
    '/drafts/:draft/refuse',
    {
      config: access('draft.refuse'),
      schema: {
        summary: 'Rejects a revision of a draft, and says why',
        params: ofDraft,
        body: seen.extend({ comment }),
        response: { 200: draft, ...refusals },
      },
    },
    async ({ params, body, actor }) =>
      draftInEnglish(await refuseDraft(deps, actor!, { ...params, ...body })),
  )
  app.post(
    '/drafts/:draft/publish',
    {
      config: access('draft.publish'),
      schema: {
        summary: 'Puts the line of a draft into force',
        params: ofDraft,
        body: seen,
        response: { 201: changedLine, ...refusals },
      },
    },
    async ({ params, body, actor }) => {
      const { line, warnings } = await publishDraft(deps, actor!, { ...params, ...body })
      return { line: { ...line }, warnings: warnings.map(english) }
    },
  )
  app.post(
    '/drafts/:draft/schedule',
    {
      config: access('draft.schedule'),
      schema: {
        summary: 'Lets the service publish a draft at a time',
        params: ofDraft,
        body: seen.extend({ publishAt: time }),
        response: { 200: draft, ...refusals },
      },
    },
    async ({ params, body: { revision, publishAt }, actor }) =>
      draftInEnglish(
        await scheduleDraft(deps, actor!, { ...params, revision, publishAt: new Date(publishAt) }),
      ),
  )
  app.post(
    '/drafts/:draft/cancel-schedule',
    {
      config: access('draft.cancel-schedule'),
      schema: {
        summary: 'Cancels the schedule of a draft',
        params: ofDraft,
        body: seen,
        response: { 200: draft, ...refusals },
      },
    },
    async ({ params, body, actor }) =>
      draftInEnglish(await cancelSchedule(deps, actor!, { ...params, ...body })),
  )
  app.post(
    '/drafts/:draft/rebase',
    {
      config: access('draft.rebase'),
      schema: {
        summary: 'Puts a draft upon the version in force',
        params: ofDraft,
        body: seen,
        response: {
          200: z.object({
            draft,
            conflicts: z
              .array(z.object({ field: z.string(), draft: z.unknown(), inForce: z.unknown() }))
              .describe('Fields that both have changed; the draft keeps its own'),
          }),
          ...refusals,
        },
      },
    },
    async ({ params, body, actor }) => {
      const { draft, conflicts } = await rebaseDraft(deps, actor!, { ...params, ...body })
      return { draft: draftInEnglish(draft), conflicts }
    },
  )
}
