import { z } from 'zod'
import { languageSchema } from '../../languages/languages.js'
import { changeCompany, readCompany } from '../../lines/prompts/company.js'
import { inspectPbx } from '../../site/pbx.js'
import { giveKey, readHearing } from '../../site/recipients.js'
import { access } from '../access.js'
import type { AddRoutes } from '../deps.js'
import { personOf } from '../guard.js'
import { refusals } from '../problem.js'

const language = languageSchema
const company = z.object({
  name: z.string().nullable().describe('As prompts say it. Null: neither it nor CONSENTRY_OPERATOR is set'),
  byDefault: z.boolean().describe('CONSENTRY_OPERATOR says it'),
  language: language.nullable().describe('Of most callers'),
})
const keys = z.array(z.string()).describe('Ids of key pairs')

/** The setup of an installation: the company, the keys that open recordings, the PBX. */
export const addSetupRoutes: AddRoutes = (app, deps) => {
  const shownCompany = async () => {
    const { name = null, language = null, byDefault } = await readCompany(deps)
    return { name, language, byDefault }
  }
  app.get(
    '/company',
    {
      config: access('company.read'),
      schema: { summary: 'What callers call the company', response: { 200: company, ...refusals } },
    },
    shownCompany,
  )
  app.put(
    '/company',
    {
      config: access('company.set'),
      schema: {
        summary: 'Sets what callers call the company, for later prompts',
        body: z.strictObject({ name: z.string().max(200), language }),
        response: { 200: company, ...refusals },
      },
    },
    async ({ body, actor }) => {
      await changeCompany(deps, actor!, body)
      return shownCompany()
    },
  )
  addKeyRoutes(app, deps)
  addPbxRoute(app, deps)
}

/** The keys that open recordings. */
const addKeyRoutes: AddRoutes = (app, deps) => {
  app.get(
    '/recipients',
    {
      config: access('recipient.list'),
      schema: {
        summary: 'Lists for which purposes there are keys',
        response: {
          200: z.object({
            purposes: z.array(z.object({ purpose: z.string(), keys })),
            takesKeys: z.boolean().describe('False: CONSENTRY_RECIPIENTS has them, and no others are taken'),
          }),
          ...refusals,
        },
      },
    },
    () => readHearing(deps),
  )
  app.post(
    '/recipients',
    {
      config: access('recipient.add'),
      schema: {
        summary:
          'Takes the public half of the first key pair, or again for further purposes; the service seals for it at once',
        body: z.strictObject({
          purposes: z.array(z.string().max(32)).min(1).max(32),
          publicKey: z.string().max(64).describe('X25519, base64. The secret half stays where it was made'),
        }),
        response: { 201: z.object({ keys }), ...refusals },
      },
    },
    async (request, reply) => reply.code(201).send(await giveKey(deps, personOf(request), request.body)),
  )
}

/** The facts that the service found at the PBX. */
const addPbxRoute: AddRoutes = (app, deps) => {
  app.get(
    '/pbx',
    {
      config: access('pbx.read'),
      schema: {
        summary: 'Says what the service found at the PBX',
        response: {
          200: z.object({
            ...{ url: z.string(), app: z.string(), connected: z.boolean() },
            reason: z.string().nullable().describe('Why the PBX is not heard'),
            ...{ version: z.string().nullable(), registered: z.boolean().nullable() },
            included: z
              .boolean()
              .nullable()
              .describe('Whether the dialplan has the contexts of consentry.conf'),
            current: z
              .boolean()
              .nullable()
              .describe('Whether they are those of this version: if not, the dialplan was not reloaded'),
            lastCallAt: z.iso.datetime().nullable().describe('When it handed the last call over'),
            ...{ include: z.string(), prompts: z.string(), promptsReadable: z.boolean().nullable() },
          }),
          ...refusals,
        },
      },
    },
    () => inspectPbx(deps),
  )
}
