import { z } from 'zod'
import { changeDraft } from '../../operations/drafts/edit-draft.js'
import { readDraft } from '../../operations/drafts/show-draft.js'
import { withAllFields, withoutFields, withoutShared } from '../../operations/lines/line-sources.js'
import { access } from '../access.js'
import { Answer } from '../answer.js'
import { ADMINISTRATORS } from '../audiences.js'
import type { AddRoutes } from '../deps.js'
import { pageSchema } from './page.js'

const params = z.object({ draft: z.string().max(64) })
const revision = z.coerce.number().int().min(1)

/** What a draft takes from its group. */
export const addDraftGroupPages: AddRoutes = (app, deps) => {
  const pageOf = (draft: string): Answer => Answer.seeOther(`/drafts/${encodeURIComponent(draft)}`)
  app.post(
    '/drafts/:draft/inherit',
    {
      config: access('draft.change', ADMINISTRATORS),
      schema: {
        ...pageSchema('Takes a value out of a draft, so that its line inherits it'),
        params,
        body: z.strictObject({ revision, field: z.string().max(128) }),
      },
    },
    async ({ params: { draft }, body: { revision, field }, actor }) => {
      const { input } = await readDraft(deps, draft)
      await changeDraft(deps, actor!, { draft, revision, input: withoutFields(input, [field]) })
      return pageOf(draft)
    },
  )
  app.post(
    '/drafts/:draft/inherit-all',
    {
      config: access('draft.change', ADMINISTRATORS),
      schema: {
        ...pageSchema('Takes out of a draft all that its group shares'),
        params,
        body: z.strictObject({ revision, group: z.string().max(64) }),
      },
    },
    async ({ params: { draft }, body: { revision }, actor }) => {
      const { input } = await readDraft(deps, draft)
      await changeDraft(deps, actor!, { draft, revision, input: await withoutShared(deps.db, input) })
      return pageOf(draft)
    },
  )
  app.post(
    '/drafts/:draft/group',
    {
      config: access('draft.change', ADMINISTRATORS),
      schema: {
        ...pageSchema('Puts the line of a draft into a group, or out of it'),
        params,
        body: z.strictObject({ revision, group: z.string().max(64) }),
      },
    },
    async ({ params: { draft }, body: { revision, group }, actor }) => {
      const { input } = await readDraft(deps, draft)
      const left = await withAllFields(deps.db, input)
      await changeDraft(deps, actor!, {
        ...{ draft, revision },
        // A line that joins keeps its values. One that leaves states what it had from the group.
        input: group === '' ? left : { ...(input as object), group },
      })
      return pageOf(draft)
    },
  )
}
