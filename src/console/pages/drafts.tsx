import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { languages } from '../../languages/languages.js'
import { approveDraft, requestApproval } from '../../operations/drafts/approve-draft.js'
import { isDoneAlready } from '../../operations/drafts/done-already.js'
import type { DraftDeps, SeenDraft } from '../../operations/drafts/draft.js'
import { beginDraftOnce, changeDraft, discardDraft, rebaseDraft } from '../../operations/drafts/edit-draft.js'
import { publishDraft } from '../../operations/drafts/publish-draft.js'
import { cancelSchedule, scheduleDraft } from '../../operations/drafts/schedule-draft.js'
import { readDraft } from '../../operations/drafts/show-draft.js'
import { shownLine } from '../../operations/drafts/shown-line.js'
import { isApprovalRequired } from '../../operations/lines/approval.js'
import { lineSchema } from '../../operations/lines/change-lines.js'
import { listGroups } from '../../operations/lines/groups.js'
import { sourcesOfDraft } from '../../operations/lines/line-sources.js'
import { replayLine } from '../../operations/lines/replay-line.js'
import { ringDraft, ringEndpoints } from '../../operations/lines/ring-draft.js'
import { spokenWords } from '../../operations/lines/spoken-words.js'
import { tryLine } from '../../operations/lines/try-line.js'
import type { Actor } from '../../shared/actor.js'
import { codeOf } from '../../shared/errors.js'
import { access } from '../access.js'
import { Answer } from '../answer.js'
import { ADMINISTRATORS, LINE_READERS } from '../audiences.js'
import type { AddRoutes } from '../deps.js'
import { DraftContent, type RefusedTime } from './line/draft-content.js'
import { endsKeeping, ownPurposes, parseTyped, withKeepingRefused, withValue } from './line/fields.js'
import { pageFor, pageSchema } from './page.js'
import { viewOf } from './view.js'
import { momentOf } from './zone.js'

const ofDraft = z.object({ draft: z.string().max(64) })
const revision = z.coerce.number().int().min(1)
const text = z.string().max(1_000)

/** A step of a draft, by the last part of its address. */
const STEPS: Record<string, (deps: DraftDeps, actor: Actor, seen: SeenDraft) => Promise<unknown>> = {
  publish: publishDraft,
  discard: discardDraft,
  rebase: rebaseDraft,
  'request-approval': requestApproval,
  approve: approveDraft,
  'cancel-schedule': cancelSchedule,
}

const pageOf = (draft: string): Answer => Answer.seeOther(`/drafts/${encodeURIComponent(draft)}`)

/** Pages on which a draft of a line is edited, tried and published. */
export const addDraftPages: AddRoutes = (app, deps) => {
  app.post(
    '/lines/:number/drafts',
    {
      config: access('draft.begin', ADMINISTRATORS),
      schema: {
        ...pageSchema('Begins a draft of the line in force'),
        params: z.object({ number: lineSchema.shape.number }),
        body: z.strictObject({}).optional(),
      },
    },
    async ({ params, actor }) => pageOf((await beginDraftOnce(deps, actor!, { line: params.number })).id),
  )
  app.get(
    '/drafts/:draft',
    {
      config: access('draft.read', LINE_READERS),
      schema: {
        ...pageSchema('A draft of a line'),
        params: ofDraft,
        querystring: z.object({
          edit: z.string().max(64).optional(),
          replay: z.enum(['yes']).optional(),
          rung: z.string().max(200).optional(),
        }),
      },
    },
    async request => draftPage(request, request.params.draft, request.query),
  )
  app.post(
    '/drafts/:draft/fields',
    {
      config: access('draft.change', ADMINISTRATORS),
      schema: {
        ...pageSchema('Changes one field of a draft'),
        params: ofDraft,
        body: z.strictObject({
          ...{ revision, field: z.string().max(64), value: text },
          ...Object.fromEntries(languages().map(language => [language, text.optional()])),
          ...{ context: text.optional(), extension: text.optional(), priority: text.optional() },
        }),
      },
    },
    async ({ params: { draft }, body: { revision, field, ...typed }, actor }) => {
      const { input, line } = await readDraft(deps, draft)
      const { purposes } = await shownLine(deps.db, { line, input })
      const keys: Readonly<Record<string, string | undefined>> = typed
      const value = parseTyped(field, { ...typed, languages: keys })
      const whole = field.startsWith('purposes.')
        ? withValue(input, 'purposes', ownPurposes(input, purposes))
        : input
      const changed = withValue(whole, field, value)
      const { voice } = await shownLine(deps.db, { line, input: changed })
      const inherits = endsKeeping(field, value) && voice?.keepAnswer
      const refused = inherits ? withKeepingRefused(changed) : changed
      await changeDraft(deps, actor!, { draft, revision, input: refused })
      return pageOf(draft)
    },
  )
  app.post(
    '/drafts/:draft/purposes',
    {
      config: access('draft.change', ADMINISTRATORS),
      schema: {
        ...pageSchema('Adds a purpose to a draft, or removes one'),
        params: ofDraft,
        body: z.strictObject({ revision, change: z.string().regex(/^(add|[0-7])$/) }),
      },
    },
    async ({ params: { draft }, body: { revision, change }, actor }) => {
      const { input, line } = await readDraft(deps, draft)
      const { purposes } = await shownLine(deps.db, { line, input })
      const own = ownPurposes(input, purposes)
      const changed =
        change === 'add' ? [...own, newPurpose(purposes)] : own.filter((_, i) => String(i) !== change)
      await changeDraft(deps, actor!, { draft, revision, input: withValue(input, 'purposes', changed) })
      return pageOf(draft)
    },
  )
  app.post(
    '/drafts/:draft/schedule',
    {
      config: access('draft.schedule', ADMINISTRATORS),
      schema: {
        ...pageSchema('Lets the service publish a draft at a time'),
        params: ofDraft,
        body: z.strictObject({ revision, publishAt: z.string().max(32) }),
      },
    },
    async request => {
      const { revision, publishAt: typed } = request.body
      const { draft } = request.params
      const refuse = (wrong: string) => draftPage(request, draft, { time: { typed, wrong } })
      const publishAt = momentOf(typed, viewOf(request).zone)
      if (!publishAt) return refuse('The time is malformed: give a day and a time.')
      try {
        await scheduleDraft(deps, request.actor!, { draft, revision, publishAt })
      } catch (error) {
        if (codeOf(error) !== 'request.invalid') throw error
        return refuse((error as Error).message)
      }
      return pageOf(draft)
    },
  )
  app.post(
    '/drafts/:draft/ring',
    {
      config: access('draft.ring', ADMINISTRATORS),
      schema: {
        ...pageSchema('Rings a phone, which hears the draft as a caller of its line would'),
        params: ofDraft,
        body: z.strictObject({ revision, endpoint: z.string().max(200) }),
      },
    },
    async ({ params: { draft }, body, actor }) => {
      const { endpoint: rung } = await ringDraft(deps, actor!, { draft, ...body })
      return Answer.seeOther(`/drafts/${encodeURIComponent(draft)}?${new URLSearchParams({ rung })}`)
    },
  )
  for (const [step, take] of Object.entries(STEPS))
    app.post(
      `/drafts/:draft/${step}`,
      {
        config: access(`draft.${step}`, ADMINISTRATORS),
        schema: {
          ...pageSchema('Takes a step of a draft'),
          params: ofDraft,
          body: z.strictObject({ revision }),
        },
      },
      async ({ params: { draft }, body: { revision }, actor }) => {
        await take(deps, actor!, { draft, revision }).catch(async (error: unknown) => {
          if (!(await isDoneAlready(deps, actor!, { draft, revision, step }))) throw error
        })
        return pageOf(draft)
      },
    )

  async function draftPage(
    request: FastifyRequest,
    id: string,
    {
      edit,
      replay,
      rung,
      time,
    }: {
      edit?: string | undefined
      replay?: 'yes' | undefined
      rung?: string | undefined
      time?: RefusedTime
    },
  ): Promise<Answer> {
    const draft = await readDraft(deps, id)
    const policy = await shownLine(deps.db, draft)
    const valid = draft.faults.length === 0
    const input = { ...(draft.input as object), number: draft.line }
    const [prompts, sources, groups, trial, report] = await Promise.all([
      spokenWords(deps, policy.language),
      sourcesOfDraft(deps.db, draft.input, policy),
      listGroups(deps),
      valid ? tryLine(input, deps.db) : undefined,
      valid && replay ? replayLine(deps, { input }) : undefined,
    ])
    const { name, roles } = request.actor!
    const visitor = {
      name,
      mayChange: roles.includes('administrator'),
      approvalRequired: isApprovalRequired(deps.config),
    }
    return pageFor(request, ({ words, view, nonce }) => ({
      title: words.line.title(draft.line),
      section: 'lines',
      scripts: ['simulator.js', ...(visitor.mayChange ? ['check-field.js'] : [])],
      part: true,
      status: time ? 422 : 200,
      body: (
        <DraftContent
          {...{ draft, policy, prompts, sources, words, view, nonce, visitor, open: edit, replay: report }}
          time={time}
          groups={groups.map(({ name }) => name)}
          phones={{ endpoints: ringEndpoints(deps), rung }}
          callers={trial?.callers ?? []}
        />
      ),
    }))
  }
}

/** A purpose to begin from, of a name that no other has. It is named as it should be next. */
function newPurpose(others: readonly { purpose: string; legalBasis: string }[]): object {
  const taken = new Set(others.map(({ purpose }) => purpose))
  const names = ['marketing', ...Array.from(others, (_, i) => `marketing-${i + 2}`)]
  return {
    purpose: names.find(name => !taken.has(name)),
    retentionDays: 30,
    legalBasis: others[0]?.legalBasis ?? '',
    prompts: { question: 'question-marketing', granted: 'granted-marketing', refused: 'refused-marketing' },
  }
}
