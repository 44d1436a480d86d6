import { z } from 'zod'
import type { Actor } from '../../core/actor.js'
import { codeOf, errorText } from '../../core/errors.js'
import { type Message, messageOf } from '../../core/message.js'
import { languages } from '../../languages/languages.js'
import { lineSchema } from '../../lines/change-lines.js'
import { approveDraft, refuseDraft, requestApproval } from '../../lines/drafts/approve-draft.js'
import { isDoneAlready } from '../../lines/drafts/done-already.js'
import type { DraftDeps, SeenDraft } from '../../lines/drafts/draft.js'
import {
  beginDraftOnce,
  beginFromVersion,
  changeDraft,
  discardDraft,
  rebaseDraft,
} from '../../lines/drafts/edit-draft.js'
import { publishDraft } from '../../lines/drafts/publish-draft.js'
import { cancelSchedule, scheduleDraft } from '../../lines/drafts/schedule-draft.js'
import { readDraft } from '../../lines/drafts/show-draft.js'
import { shownLine } from '../../lines/drafts/shown-line.js'
import { ringDraft } from '../../lines/ring-draft.js'
import { access } from '../access.js'
import { Answer } from '../answer.js'
import type { AddRoutes } from '../deps.js'
import { draftPage, stepOrPage } from './draft-page.js'
import { endsKeeping, ownPurposes, parseTyped, withKeepingRefused, withValue } from './line/fields.js'
import { pageSchema } from './page.js'
import { viewOf } from './view.js'
import { momentOf } from './zone.js'

const ofDraft = z.object({ draft: z.string().max(64) })
const revision = z.coerce.number().int().min(1)
const text = z.string().max(1_000)

/** A step of a draft, by the last part of its address. */
const STEPS = [
  ['publish', publishDraft],
  ['discard', discardDraft],
  ['rebase', rebaseDraft],
  ['request-approval', requestApproval],
  ['cancel-schedule', cancelSchedule],
] as const satisfies [string, (deps: DraftDeps, actor: Actor, seen: SeenDraft) => Promise<unknown>][]

const pageOf = (draft: string): Answer => Answer.seeOther(`/drafts/${encodeURIComponent(draft)}`)

/** Pages on which a draft of a line is edited, tried and published. */
export const addDraftPages: AddRoutes = (app, deps) => {
  app.post(
    '/lines/:number/drafts',
    {
      config: access('draft.begin'),
      schema: {
        ...pageSchema('Begins a draft of the line in force'),
        params: z.object({ number: lineSchema.shape.number }),
        body: z.strictObject({ version: z.coerce.number().int().min(1).optional() }).optional(),
      },
    },
    async ({ params: { number: line }, body, actor }) => {
      const version = body?.version
      const draft =
        version === undefined
          ? await beginDraftOnce(deps, actor!, { line })
          : await beginFromVersion(deps, actor!, { line, version })
      return pageOf(draft.id)
    },
  )
  app.get(
    '/drafts/:draft',
    {
      config: access('draft.read'),
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
    async request => draftPage(deps, request, request.params.draft, request.query),
  )
  app.post(
    '/drafts/:draft/fields',
    {
      config: access('draft.change'),
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
    async request => {
      const { draft } = request.params
      const { revision, field, ...typed } = request.body
      const keys: Readonly<Record<string, string | undefined>> = typed
      const value = parseTyped(field, { ...typed, languages: keys })
      const change = async () => {
        const { input, line } = await readDraft(deps, draft)
        const { purposes } = await shownLine(deps.db, { line, input })
        const whole = field.startsWith('purposes.')
          ? withValue(input, 'purposes', ownPurposes(input, purposes))
          : input
        const changed = withValue(whole, field, value)
        const { voice } = await shownLine(deps.db, { line, input: changed })
        const inherits = endsKeeping(field, value) && voice?.keepAnswer
        const refused = inherits ? withKeepingRefused(changed) : changed
        await changeDraft(deps, request.actor!, { draft, revision, input: refused })
        return pageOf(draft)
      }
      return stepOrPage(deps, request, draft, change, { field, typed: keys, value })
    },
  )
  app.post(
    '/drafts/:draft/purposes',
    {
      config: access('draft.change'),
      schema: {
        ...pageSchema('Adds a purpose to a draft, or removes one'),
        params: ofDraft,
        body: z.strictObject({ revision, change: z.string().regex(/^(add|[0-7])$/) }),
      },
    },
    async request => {
      const { draft } = request.params
      const { revision, change } = request.body
      return stepOrPage(deps, request, draft, async () => {
        const { input, line } = await readDraft(deps, draft)
        const { purposes } = await shownLine(deps.db, { line, input })
        const own = ownPurposes(input, purposes)
        const changed =
          change === 'add' ? [...own, newPurpose(purposes)] : own.filter((_, i) => String(i) !== change)
        const wanted = withValue(input, 'purposes', changed)
        await changeDraft(deps, request.actor!, { draft, revision, input: wanted })
        return pageOf(draft)
      })
    },
  )
  app.post(
    '/drafts/:draft/schedule',
    {
      config: access('draft.schedule'),
      schema: {
        ...pageSchema('Lets the service publish a draft at a time'),
        params: ofDraft,
        body: z.strictObject({ revision, publishAt: z.string().max(32) }),
      },
    },
    async request => {
      const { revision, publishAt: typed } = request.body
      const { draft } = request.params
      const refuse = (wrong: Message) =>
        draftPage(deps, request, draft, { time: { typed, wrong }, status: 422 })
      const publishAt = momentOf(typed, viewOf(request).zone)
      if (!publishAt) return refuse(messageOf('The time is malformed: give a day and a time.'))
      return stepOrPage(deps, request, draft, async () => {
        try {
          await scheduleDraft(deps, request.actor!, { draft, revision, publishAt })
        } catch (error) {
          if (codeOf(error) !== 'request.invalid') throw error
          return refuse(errorText(error))
        }
        return pageOf(draft)
      })
    },
  )
  app.post(
    '/drafts/:draft/ring',
    {
      config: access('draft.ring'),
      schema: {
        ...pageSchema('Rings a phone, which hears the draft as a caller of its line would'),
        params: ofDraft,
        body: z.strictObject({ revision, endpoint: z.string().max(200) }),
      },
    },
    async request => {
      const { draft } = request.params
      return stepOrPage(deps, request, draft, async () => {
        const { endpoint: rung } = await ringDraft(deps, request.actor!, { draft, ...request.body })
        return Answer.seeOther(`/drafts/${encodeURIComponent(draft)}?${new URLSearchParams({ rung })}`)
      })
    },
  )
  for (const [step, decide] of [
    ['approve', approveDraft],
    ['refuse', refuseDraft],
  ] as const)
    app.post(
      `/drafts/:draft/${step}`,
      {
        config: access(`draft.${step}`),
        schema: {
          ...pageSchema('Approves a draft, or refuses to'),
          params: ofDraft,
          body: z.strictObject({ revision, comment: z.string().max(2_000).optional() }),
        },
      },
      async request => {
        const { draft } = request.params
        const { comment } = request.body
        return stepOrPage(
          deps,
          request,
          draft,
          async () => {
            await decide(deps, request.actor!, { draft, ...request.body })
            return pageOf(draft)
          },
          undefined,
          comment,
        )
      },
    )
  for (const [step, take] of STEPS)
    app.post(
      `/drafts/:draft/${step}`,
      {
        config: access(`draft.${step}`),
        schema: {
          ...pageSchema('Takes a step of a draft'),
          params: ofDraft,
          body: z.strictObject({ revision, from: z.enum(['setup']).optional() }),
        },
      },
      async request => {
        const { from, ...body } = request.body
        const seen = { ...request.params, ...body }
        const actor = request.actor!
        return stepOrPage(deps, request, seen.draft, async () => {
          await take(deps, actor, seen).catch(async (error: unknown) => {
            if (!(await isDoneAlready(deps, actor, { ...seen, step }))) throw error
          })
          if (!from) return pageOf(seen.draft)
          return Answer.seeOther(`/setup/phone?${new URLSearchParams({ draft: seen.draft })}`)
        })
      },
    )
}

/** A new purpose with a unique name, which the person should then change. */
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
