import { z } from 'zod'
import { english } from '../../core/message.js'
import { lineSchema } from '../../lines/change-lines.js'
import { explainNumber, listUnknownNumbers } from '../../lines/explain-number.js'
import { changeGroup, groupSchema, listGroups, previewGroup, readGroup } from '../../lines/groups.js'
import { openProposal, refusedProposal } from '../../lines/propose-group.js'
import { access } from '../access.js'
import type { AddRoutes } from '../deps.js'
import { refusals } from '../problem.js'
import { difference, line } from './line-schemas.js'

const time = z.iso.datetime()
/** Loose, so that a group with a wrong field does not keep the others from being listed. */
const fields = z.looseObject({}).describe('The fields that its lines share, as in the body of PUT')
const group = z.object({ name: z.string(), version: z.int(), fields, lines: z.array(z.string()) })
const params = z.object({ group: z.string().max(64) })

/** Groups of lines, and the rules for any number. */
export const addLineGroupRoutes: AddRoutes = (app, deps) => {
  addReadRoutes(app, deps)
  addChangeRoutes(app, deps)
  addNumberRoutes(app, deps)
}

/** Reading groups. */
const addReadRoutes: AddRoutes = (app, deps) => {
  app.get(
    '/line-groups',
    {
      config: access('line-group.list'),
      schema: {
        summary: 'Lists the groups of lines',
        response: { 200: z.array(group), ...refusals },
      },
    },
    async () => (await listGroups(deps)).map(one => ({ ...one, fields: { ...one.fields } })),
  )
  app.get(
    '/line-groups/:group',
    {
      config: access('line-group.read'),
      schema: {
        summary: 'One group with its versions and proposed change',
        params,
        response: {
          200: group.extend({
            proposal: z
              .object({ id: z.uuid(), base: z.int(), fields, by: z.string(), at: time })
              .nullable()
              .describe('The change that waits for a second person'),
            refused: z
              .object({
                ...{ id: z.uuid(), base: z.int(), fields, by: z.string(), at: time },
                refused: z.object({ by: z.string(), at: time, comment: z.string() }),
              })
              .nullable()
              .describe('The latest proposed change, if it was rejected and the group has not changed since'),
            versions: z.array(
              z.object({
                version: z.int(),
                fields,
                inForce: z.boolean(),
                at: time,
                by: z.string(),
                way: z.string(),
                proposedBy: z.string().nullable().describe('If `by` has approved it as a second person'),
                comment: z.string().nullable().describe('What the second person said to it'),
              }),
            ),
          }),
          ...refusals,
        },
      },
    },
    async ({ params }) => {
      const found = await readGroup(deps, params.group)
      const versions = found.versions.map(one => ({ ...one, fields: { ...one.fields } }))
      const waiting = await openProposal(deps.db, params.group)
      const proposal = waiting ? { ...waiting, fields: { ...waiting.fields } } : null
      const rejected = await refusedProposal(deps.db, params.group)
      const refused = rejected ? { ...rejected, fields: { ...rejected.fields } } : null
      return { ...found, fields: { ...found.fields }, versions, proposal, refused }
    },
  )
}

/** Changing a group, and the preview of a change. */
const addChangeRoutes: AddRoutes = (app, deps) => {
  app.put(
    '/line-groups/:group',
    {
      config: access('line-group.set'),
      schema: {
        summary: 'Sets what the lines of a group share',
        params,
        querystring: z.object({
          seen: z.coerce.number().int().min(0).optional().describe('The version that was seen; 0: none'),
        }),
        body: groupSchema,
        response: {
          200: z.object({
            name: z.string(),
            version: z.int(),
            lines: z.array(line).describe('The new versions of its lines'),
            warnings: z.array(z.string()),
          }),
          ...refusals,
        },
      },
    },
    async ({ params, query: { seen }, body, actor }) => {
      const changed = await changeGroup(deps, actor!, { name: params.group, input: body, seen })
      return {
        ...changed,
        lines: changed.lines.map(one => ({ ...one })),
        warnings: changed.warnings.map(english),
      }
    },
  )
  app.post(
    '/line-groups/:group/preview',
    {
      config: access('line-group.preview'),
      schema: {
        summary: 'Says which lines a change of a group would change, and how',
        params,
        body: groupSchema,
        response: {
          200: z.object({
            ...{ name: z.string(), version: z.int().describe('The one in force; 0: none'), fields },
            changes: z.array(difference).describe("In what the group's values would differ"),
            lines: z.array(z.object({ number: z.string(), changes: z.array(difference) })),
            warnings: z.array(z.string()),
          }),
          ...refusals,
        },
      },
    },
    async ({ params, body }) => {
      const preview = await previewGroup(deps, { name: params.group, input: body })
      return { ...preview, fields: { ...preview.fields }, warnings: preview.warnings.map(english) }
    },
  )
}

/** The rules for any number, and the numbers that are no lines. */
const addNumberRoutes: AddRoutes = (app, deps) => {
  app.get(
    '/unknown-lines',
    {
      config: access('line.unknown'),
      schema: {
        summary: 'Lists numbers that rang and are no lines',
        response: {
          200: z.object({
            numbers: z.array(z.object({ number: z.string(), calls: z.int(), lastAt: time })),
            since: time.nullable().describe('When the first of the counted calls began'),
          }),
          ...refusals,
        },
      },
    },
    () => listUnknownNumbers(deps),
  )
  app.get(
    '/lines/:number/effective',
    {
      config: access('line.explain'),
      schema: {
        summary: 'What applies to callers of a number, and where each field comes from',
        params: z.object({ number: lineSchema.shape.number }),
        response: {
          200: z.object({
            number: z.string(),
            match: z.enum(['exact', 'none']),
            version: z.int().nullable(),
            group: z.object({ name: z.string(), version: z.int() }).nullable(),
            policy: line,
            fields: z.array(
              z.object({
                field: z.string(),
                value: z.unknown(),
                source: z.enum(['line', 'group', 'default']),
              }),
            ),
          }),
          ...refusals,
        },
      },
    },
    async ({ params }) => {
      const { policy, ...explained } = await explainNumber(deps, params.number)
      return { ...explained, policy: { ...policy } }
    },
  )
}
