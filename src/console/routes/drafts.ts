import { z } from 'zod'
import { english } from '../../core/message.js'
import { lineSchema } from '../../lines/change-lines.js'
import { approveDraft, refuseDraft, requestApproval } from '../../lines/drafts/approve-draft.js'
import { beginDraft, changeDraft, discardDraft, rebaseDraft } from '../../lines/drafts/edit-draft.js'
import { publishDraft } from '../../lines/drafts/publish-draft.js'
import { cancelSchedule, scheduleDraft } from '../../lines/drafts/schedule-draft.js'
import {
  type DraftView,
  draftInEnglish,
  listDrafts,
  readDraft,
  summaryInEnglish,
} from '../../lines/drafts/show-draft.js'
import { access } from '../access.js'
import { addApi, consoleDeed } from '../deed-routes.js'
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
  changers: z
    .array(z.object({ by: z.string(), way: z.string() }))
    .describe('All who changed it; none of them approves it'),
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
const seen = { draft: z.string().max(64), revision }
const comment = z.string().max(2_000)

/** Steps of a draft, for programs and for the pages of drafts. */
export const draftDeeds = {
  discard: consoleDeed('draft.discard', seen, discardDraft),
  'request-approval': consoleDeed('draft.request-approval', seen, requestApproval),
  // Only a person approves. A token could belong to the person who changed the draft.
  approve: consoleDeed('draft.approve', { ...seen, comment: comment.optional() }, approveDraft),
  refuse: consoleDeed('draft.refuse', { ...seen, comment }, refuseDraft),
  publish: consoleDeed('draft.publish', seen, publishDraft),
  schedule: consoleDeed(
    'draft.schedule',
    { ...seen, publishAt: time },
    (deps, actor, { publishAt, ...wanted }) =>
      scheduleDraft(deps, actor, { ...wanted, publishAt: new Date(publishAt) }),
  ),
  'cancel-schedule': consoleDeed('draft.cancel-schedule', seen, cancelSchedule),
  rebase: consoleDeed('draft.rebase', seen, rebaseDraft),
}

/** The answer to a step that leaves a draft. */
const shownDraft = { response: { 200: draft }, answer: (done: DraftView) => draftInEnglish(done) }

/** Drafts of lines: from typing to publication. */
export const addDraftRoutes: AddRoutes = (app, deps) => {
  addEditRoutes(app, deps)
  addStepRoutes(app, deps)
}

/** Reading, beginning and changing drafts. */
const addEditRoutes: AddRoutes = (app, deps) => {
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
}

/** The steps of a draft, from its approval to its publication. */
const addStepRoutes: AddRoutes = (app, deps) => {
  addApi(app, deps, draftDeeds.discard, {
    ...{ method: 'DELETE', path: '/drafts/:draft', summary: 'Discards a draft' },
    response: { 200: z.object({ discarded: z.literal(true) }) },
    answer: () => ({ discarded: true as const }),
  })
  addApi(app, deps, draftDeeds['request-approval'], {
    ...{ path: '/drafts/:draft/request-approval', summary: "Asks for a second person's approval" },
    ...shownDraft,
  })
  addApi(app, deps, draftDeeds.approve, {
    ...{ path: '/drafts/:draft/approve', summary: 'Approves a revision of a draft' },
    ...shownDraft,
  })
  addApi(app, deps, draftDeeds.refuse, {
    ...{ path: '/drafts/:draft/refuse', summary: 'Rejects a revision of a draft, and says why' },
    ...shownDraft,
  })
  addApi(app, deps, draftDeeds.publish, {
    ...{ path: '/drafts/:draft/publish', summary: 'Puts the line of a draft into force' },
    response: { 201: changedLine },
    answer: ({ line, warnings }) => ({ line: { ...line }, warnings: warnings.map(english) }),
  })
  addApi(app, deps, draftDeeds.schedule, {
    ...{ path: '/drafts/:draft/schedule', summary: 'Lets the service publish a draft at a time' },
    ...shownDraft,
  })
  addApi(app, deps, draftDeeds['cancel-schedule'], {
    ...{ path: '/drafts/:draft/cancel-schedule', summary: 'Cancels the schedule of a draft' },
    ...shownDraft,
  })
  addApi(app, deps, draftDeeds.rebase, {
    ...{ path: '/drafts/:draft/rebase', summary: 'Puts a draft upon the version in force' },
    response: {
      200: z.object({
        draft,
        conflicts: z
          .array(z.object({ field: z.string(), draft: z.unknown(), inForce: z.unknown() }))
          .describe('Fields that both have changed; the draft keeps its own'),
      }),
    },
    answer: ({ draft, conflicts }) => ({ draft: draftInEnglish(draft), conflicts }),
  })
}
