import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { SeenDraft } from '../../lines/drafts/draft.js'
import { changeDraft } from '../../lines/drafts/edit-draft.js'
import { readDraft } from '../../lines/drafts/show-draft.js'
import { withAllFields, withoutFields, withoutShared } from '../../lines/line-sources.js'
import { access } from '../access.js'
import { Answer } from '../answer.js'
import type { AddRoutes } from '../deps.js'
import { stepOrPage } from './draft-page.js'
import { pageSchema } from './page.js'

const params = z.object({ draft: z.string().max(64) })
const revision = z.coerce.number().int().min(1)

/** The values that a draft takes from its group. */
export const addDraftGroupPages: AddRoutes = (app, deps) => {
  const change = (
    request: FastifyRequest,
    { draft, revision }: SeenDraft,
    changed: (input: unknown) => Promise<unknown>,
  ): Promise<Answer> =>
    stepOrPage(deps, request, draft, async () => {
      const { input } = await readDraft(deps, draft)
      await changeDraft(deps, request.actor!, { draft, revision, input: await changed(input) })
      return Answer.seeOther(`/drafts/${encodeURIComponent(draft)}`)
    })
  app.post(
    '/drafts/:draft/inherit',
    {
      config: access('draft.change'),
      schema: {
        ...pageSchema('Takes a value out of a draft, so that its line inherits it'),
        params,
        body: z.strictObject({ revision, field: z.string().max(128) }),
      },
    },
    async request => {
      const { revision, field } = request.body
      return change(request, { ...request.params, revision }, async input => withoutFields(input, [field]))
    },
  )
  app.post(
    '/drafts/:draft/inherit-all',
    {
      config: access('draft.change'),
      schema: {
        ...pageSchema('Takes out of a draft all that its group shares'),
        params,
        body: z.strictObject({ revision, group: z.string().max(64) }),
      },
    },
    async request => {
      const { revision } = request.body
      return change(request, { ...request.params, revision }, input => withoutShared(deps.db, input))
    },
  )
  app.post(
    '/drafts/:draft/group',
    {
      config: access('draft.change'),
      schema: {
        ...pageSchema('Puts the line of a draft into a group, or out of it'),
        params,
        body: z.strictObject({ revision, group: z.string().max(64) }),
      },
    },
    async request => {
      const { revision, group } = request.body
      return change(request, { ...request.params, revision }, async input =>
        // A line that joins keeps its values. A line that leaves states the values of the group as its own.
        group === '' ? withAllFields(deps.db, input) : { ...(input as object), group },
      )
    },
  )
}
