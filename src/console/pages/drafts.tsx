import { z } from 'zod'
import { AppError, codeOf, errorText } from '../../core/errors.js'
import { languages } from '../../languages/languages.js'
import { lineSchema } from '../../lines/change-lines.js'
import { isDoneAlready } from '../../lines/drafts/done-already.js'
import { beginDraftOnce, beginFromVersion, changeDraft } from '../../lines/drafts/edit-draft.js'
import { readDraft } from '../../lines/drafts/show-draft.js'
import { shownLine } from '../../lines/drafts/shown-line.js'
import { access } from '../access.js'
import { Answer } from '../answer.js'
import { addForm, type ConsoleDeed } from '../deed-routes.js'
import type { AddRoutes } from '../deps.js'
import { draftDeeds } from '../routes/drafts.js'
import { ringing } from '../routes/ring.js'
import { draftPage, refusedStep, stepOrPage } from './draft-page.js'
import { endsKeeping, ownPurposes, parseTyped, withKeepingRefused, withValue } from './line/fields.js'
import { pageSchema } from './page.js'
import { viewOf } from './view.js'
import { momentOf } from './zone.js'

const ofDraft = z.object({ draft: z.string().max(64) })
const revision = z.coerce.number().int().min(1)
const text = z.string().max(1_000)

/** Steps of a draft whose forms have no further field. */
const STEPS = ['publish', 'discard', 'rebase', 'request-approval', 'cancel-schedule'] as const

const pageOf = (draft: string): Answer => Answer.seeOther(`/drafts/${encodeURIComponent(draft)}`)

/** Pages on which a draft of a line is edited, tried and published. */
export const addDraftPages: AddRoutes = (app, deps) => {
  addEditPages(app, deps)
  addFieldForm(app, deps)
  addPurposeForm(app, deps)
  addTrialForms(app, deps)
  addStepForms(app, deps)
}

/** Beginning a draft, and its page. */
const addEditPages: AddRoutes = (app, deps) => {
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
}

/** The form of one field. */
const addFieldForm: AddRoutes = (app, deps) => {
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
}

/** The forms that add a purpose, or remove one. */
const addPurposeForm: AddRoutes = (app, deps) => {
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
}

/** The schedule of a draft, and the phone that hears it. */
const addTrialForms: AddRoutes = (app, deps) => {
  addForm(app, deps, draftDeeds.schedule, {
    ...{ path: '/drafts/:draft/schedule', summary: 'Lets the service publish a draft at a time' },
    own: { publishAt: z.string().max(32) },
    read: (typed, request) => {
      const publishAt = momentOf(typed.publishAt, viewOf(request).zone)
      if (!publishAt) throw new AppError('request.invalid', 'The time is malformed: give a day and a time.')
      return { ...typed, publishAt: publishAt.toISOString() }
    },
    answer: (_done, { draft }) => pageOf(draft),
    refused: (error, { draft, publishAt }, request) =>
      codeOf(error) === 'request.invalid'
        ? draftPage(deps, request, draft, {
            ...{ time: { typed: publishAt, wrong: errorText(error) }, status: 422 },
          })
        : refusedStep(deps, request, draft, error),
  })
  addForm(app, deps, ringing, {
    path: '/drafts/:draft/ring',
    summary: 'Rings a phone, which hears the draft as a caller of its line would',
    answer: ({ endpoint: rung }, { draft }) =>
      Answer.seeOther(`/drafts/${encodeURIComponent(draft)}?${new URLSearchParams({ rung })}`),
    refused: (error, { draft }, request) => refusedStep(deps, request, draft, error),
  })
}

/** The steps of a draft, from its approval to its publication. */
const addStepForms: AddRoutes = (app, deps) => {
  for (const step of ['approve', 'refuse'] as const)
    addForm(app, deps, draftDeeds[step] as typeof draftDeeds.approve, {
      ...{ path: `/drafts/:draft/${step}`, summary: 'Approves a draft, or refuses to' },
      answer: (_done, { draft }) => pageOf(draft),
      refused: (error, { draft, comment }, request) => refusedStep(deps, request, draft, error, { comment }),
    })
  for (const step of STEPS)
    addForm(app, deps, draftDeeds[step] as ConsoleDeed<typeof draftDeeds.discard.takes, unknown>, {
      ...{ path: `/drafts/:draft/${step}`, summary: 'Takes a step of a draft' },
      own: { from: z.enum(['setup']).optional() },
      answer: (_done, typed) => afterStep(typed),
      refused: async (error, typed, request) =>
        (await isDoneAlready(deps, request.actor!, { ...typed, step }))
          ? afterStep(typed)
          : refusedStep(deps, request, typed.draft, error),
    })
}

/** Leads to the page from which a step was taken: that of the draft, or a step of the setup. */
const afterStep = ({ draft, from }: { draft: string; from?: 'setup' | undefined }): Answer =>
  from ? Answer.seeOther(`/setup/phone?${new URLSearchParams({ draft })}`) : pageOf(draft)

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
