import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { english } from '../../core/message.js'
import { listPrompts, promptVersions, wherePrompt } from '../../lines/prompts/find-prompts.js'
import { hearPrompt, QUALITIES } from '../../lines/prompts/hear-prompt.js'
import {
  addPrompt,
  MAX_UPLOAD_BYTES,
  type MadePrompt,
  promptVoices,
  sayPrompt,
} from '../../lines/prompts/make-prompts.js'
import {
  approvePrompt,
  openPromptProposals,
  PROPOSED_STEPS,
  proposePrompt,
  refusedPrompt,
  refusePrompt,
  withdrawPromptProposal,
} from '../../lines/prompts/propose-prompt.js'
import { discardPrompt, publishPrompt, withdrawPrompt } from '../../lines/prompts/publish-prompts.js'
import { access } from '../access.js'
import { addApi, consoleDeed } from '../deed-routes.js'
import type { AddRoutes } from '../deps.js'
import { MAKING_MS } from '../making-time.js'
import { refusals } from '../problem.js'

/** Prompts: their versions and sounds, making new ones by voice or recording, and putting them into force. */
export const addPromptRoutes: AddRoutes = (app, deps) => {
  addReadRoutes(app, deps)
  addDeedRoutes(app, deps)
  addProposalRoutes(app, deps)
  addUpload(app, deps)
}

/** Reading and hearing prompts, and the voices that can speak them. */
const addReadRoutes: AddRoutes = (app, deps) => {
  app.get(
    '/prompts',
    {
      config: access('prompt.list'),
      schema: {
        summary: 'Lists the prompts',
        response: { 200: z.array(version), ...refusals },
      },
    },
    () => listPrompts(deps),
  )
  app.get(
    '/voices',
    {
      config: access('voice.list'),
      schema: {
        summary: 'Lists the voices that can speak prompts',
        response: { 200: z.array(voice), ...refusals },
      },
    },
    () => promptVoices(deps),
  )
  app.get(
    '/prompts/:name/:language',
    {
      config: access('prompt.read'),
      schema: {
        summary: 'One prompt with its versions, and where it is used',
        params: key,
        response: { 200: one, ...refusals },
      },
    },
    async ({ params }) => {
      const versions = await promptVersions(deps, params)
      const { name, language } = versions[0]!
      const [proposal = null] = await openPromptProposals(deps.db, { name, language })
      const refused = (await refusedPrompt(deps.db, { name, language })) ?? null
      return { versions, proposal, refused, ...(await wherePrompt(deps, params)) }
    },
  )
  addSoundRoute(app, deps)
}

/** The sound of a version. */
const addSoundRoute: AddRoutes = (app, deps) => {
  app.get(
    '/prompts/:name/:language/versions/:version/audio',
    {
      config: access('prompt.hear'),
      schema: {
        summary: 'The sound of a version, as WAV',
        params: versionKey,
        querystring: z.strictObject({ quality: z.enum(QUALITIES).default('full') }),
        response: {
          200: {
            description: 'The sound',
            content: { 'audio/wav': { schema: z.string().meta({ format: 'binary' }) } },
          },
          ...refusals,
        },
      },
    },
    async ({ params, query }, reply) => {
      reply.type('audio/wav')
      return (await hearPrompt(deps, { ...params, ...query })) as unknown as string
    },
  )
}

/** Speaking a prompt, and the steps of its versions. */
const addDeedRoutes: AddRoutes = (app, deps) => {
  addApi(app, deps, promptDeeds.say, {
    ...{ path: '/prompts/:name/:language/speech', handlerMs: MAKING_MS },
    summary: 'Lets a voice speak a draft of the prompt',
    response: { 201: made },
    answer: answerOf,
  })
  addApi(app, deps, promptDeeds.publish, {
    path: '/prompts/:name/:language/versions/:version/publish',
    summary:
      'Puts a version into force, for calls that begin later: a draft, or one that was in force before',
    body: seen,
    response: { 200: use },
    answer: done => done,
  })
  for (const [step, summary] of [
    ['withdraw', 'Takes a version out of force'],
    ['discard', 'Discards a draft'],
  ] as const)
    addApi(app, deps, promptDeeds[step], {
      ...{ path: `/prompts/:name/:language/versions/:version/${step}`, summary },
      response: { 200: use },
      answer: done => done,
    })
}

/** Publications and withdrawals that await a second person. */
const addProposalRoutes: AddRoutes = (app, deps) => {
  addApi(app, deps, promptDeeds.propose, {
    path: '/prompts/:name/:language/versions/:version/proposals',
    summary: 'Proposes to publish or to withdraw a version, in place of what waits for the prompt',
    response: { 201: proposal },
    answer: made => made,
  })
  addApi(app, deps, promptDeeds.approve, {
    path: '/prompts/:name/:language/proposals/:proposal/approve',
    summary: 'Approves what was proposed, and does it',
    response: { 200: use },
    answer: done => done,
  })
  addApi(app, deps, promptDeeds.refuse, {
    path: '/prompts/:name/:language/proposals/:proposal/refuse',
    summary: 'Rejects what was proposed, and says why',
    response: { 200: z.object({ refused: z.string() }) },
    answer: (_done, { proposal }) => ({ refused: proposal }),
  })
  addApi(app, deps, promptDeeds.withdrawProposal, {
    ...{ method: 'DELETE', path: '/prompts/:name/:language/proposals/:proposal' },
    summary: 'Withdraws what was proposed',
    response: { 200: z.object({ withdrawn: z.string() }) },
    answer: (_done, { proposal }) => ({ withdrawn: proposal }),
  })
}

/** The route with a body of sound. It has a scope of its own, so that other routes do not read such bodies. */
const addUpload: AddRoutes = (app, deps) => {
  app.register(async plugin => {
    const scope = plugin.withTypeProvider<ZodTypeProvider>()
    scope.addContentTypeParser(
      /^audio\//,
      { parseAs: 'buffer', bodyLimit: MAX_UPLOAD_BYTES },
      (_request, body, done) => done(null, body),
    )
    scope.post(
      '/prompts/:name/:language/upload',
      {
        bodyLimit: MAX_UPLOAD_BYTES,
        config: { ...access('prompt.add'), handlerMs: MAKING_MS },
        schema: {
          summary: 'Saves a recording as a draft',
          params: key,
          querystring: z.strictObject({
            template: z.string().optional(),
            of: z.coerce.number().int().min(1).optional().describe('The version whose words are recorded'),
            like: z.string().max(64).optional().describe('As in the body of …/speech'),
            line: z.string().optional(),
            how: z.enum(['upload', 'browser', 'telephone']).default('upload'),
            values: json(values).optional().describe('JSON, as in the body of …/speech'),
            promises: json(promises).optional().describe('JSON, as in the body of …/speech'),
          }),
          response: { 201: made, ...refusals },
        },
      },
      async ({ params, query, body, actor }) => {
        const sound = Buffer.isBuffer(body) ? body : Buffer.alloc(0)
        const { template, of, like, line, how, values, promises } = query
        return answerOf(
          await addPrompt(deps, actor!, {
            ...{ ...params, sound, how },
            ...(template !== undefined && { template }),
            ...(of !== undefined && { of }),
            ...(like !== undefined && { like }),
            ...(line !== undefined && { line }),
            ...(values && { values }),
            ...(promises && { promises }),
          }),
        )
      },
    )
  })
}

/** A value of a query that is JSON of a form. */
const json = <T extends z.ZodType>(form: T) =>
  z
    .string()
    .transform((text, context): unknown => {
      try {
        return JSON.parse(text)
      } catch {
        context.addIssue('give JSON')
        return z.NEVER
      }
    })
    .pipe(form)

const answerOf = ({ prompt, warnings }: MadePrompt) => ({
  prompt: { ...prompt },
  warnings: warnings.map(english),
})

const time = z.iso.datetime()

/** The address of a prompt. The deed checks the name. */
const key = z.object({ name: z.string().max(64), language: z.string().max(8) })
const ofProposal = { ...key.shape, proposal: z.string().max(64) }
const comment = z.string().max(2_000).describe('What is said to it, at most 1,000 characters')
const versionKey = key.extend({ version: z.coerce.number().int().min(1) })

const changer = z.object({ by: z.string(), way: z.string() })

/** A version of a prompt. */
const version = z.object({
  name: z.string(),
  language: z.string(),
  version: z.int(),
  state: z.enum(['shipped', 'draft', 'published', 'replaced', 'withdrawn']),
  inForce: z.boolean(),
  text: z.string().describe('What callers understand'),
  template: z
    .string()
    .nullable()
    .describe('The words with their variables; null if they were shipped without'),
  variables: z.record(z.string(), z.unknown()),
  says: z.record(z.string(), z.unknown()).describe('What the words tell callers of a line'),
  sha256: z.string(),
  lengthMs: z.int(),
  lufs: z.number().nullable().describe('Loudness (EBU R128); null for shipped prompts'),
  truePeak: z.number().nullable().describe('dBTP; null for shipped prompts'),
  how: z.enum(['shipped', 'speech', 'upload', 'browser', 'telephone']),
  engine: z.string().nullable(),
  voice: z.string().nullable(),
  madeBy: z.string().nullable(),
  madeAt: time.nullable(),
  changers: z.array(changer).describe('Whose words or sound it has; none of them approves it'),
  publishedBy: z.string().nullable(),
  publishedAt: time.nullable(),
})

/** The state of a prompt that the requester has seen. Absent fields are not compared. */
const seenFields = {
  state: z.enum(['draft', 'replaced', 'withdrawn']).exactOptional().describe('The state of the version'),
  inForce: z
    .int()
    .min(0)
    .exactOptional()
    .describe('The version that was in force; 0: a shipped one, or none. If it is another one by now, 409'),
}
const seen = z.strictObject(seenFields).nullish()

/** What awaits a second person. */
const proposal = z.object({
  ...{ id: z.uuid(), name: z.string(), language: z.string(), step: z.enum(PROPOSED_STEPS), version: z.int() },
  inForce: z.int().describe('The version that was in force; 0: a shipped one, or none'),
  by: z.string(),
  at: time,
  changers: z.array(changer).describe('All who have a part in it; none of them approves it'),
  outdated: z
    .boolean()
    .describe('True if the prompt has changed since, so that it can no longer be approved'),
})
const refusal = z.object({ by: z.string(), way: z.string(), at: time, comment: z.string() })

const one = z.object({
  versions: z.array(version),
  proposal: proposal.nullable().describe('What awaits a second person'),
  refused: proposal.extend({ refused: refusal }).nullable().describe('What was rejected last'),
  lines: z.array(
    z.object({ number: z.string(), name: z.string().optional(), version: z.int(), inForce: z.boolean() }),
  ),
  drafts: z.array(z.object({ draft: z.uuid(), line: z.string(), name: z.string().optional() })),
  lastHeard: z.object({ call: z.uuid(), at: time }).nullable(),
})

/** A version whose state was changed. */
const use = z.object({
  name: z.string(),
  language: z.string(),
  version: z.int(),
  replaced: z.int().nullable().describe('The version that was in force before; null for a shipped one'),
})

const made = z.object({
  prompt: version,
  warnings: z.array(z.string()).describe('What to listen for before it is published'),
})

const voice = z.object({ engine: z.string(), voice: z.string(), language: z.string() })

const oneKey = z.string().regex(/^[0-9*#]$/)
const days = z.int().min(1).max(3660)

/** Values of the variables. */
const values = z.strictObject({
  company: z.string().min(1).max(200).exactOptional(),
  days: days.exactOptional(),
  terms: z.record(z.string(), days).exactOptional(),
  yes: oneKey.exactOptional(),
  no: oneKey.exactOptional(),
  key: z
    .string()
    .regex(/^[0-9]$/)
    .exactOptional(),
  withdraw: z
    .string()
    .regex(/^[0-9*#]{1,4}$/)
    .exactOptional(),
})

/** Promises of words to callers besides their variables. */
const promises = z.strictObject({
  mode: z.enum(['key', 'voice-or-key', 'notice']).exactOptional(),
  onWithdraw: z.enum(['destroy', 'keep']).exactOptional(),
  onRefused: z.literal('served').exactOptional(),
  answer: z.enum(['granted', 'refused']).exactOptional(),
})

/** Words for a voice. */
const spokenWords = {
  template: z
    .string()
    .exactOptional()
    .describe('Words with variables; those of the version in force by default'),
  of: z.int().min(1).exactOptional().describe('The version whose words are spoken'),
  like: z
    .string()
    .max(64)
    .exactOptional()
    .describe('A prompt whose words, values and promises are the default of a name that is new'),
  line: z
    .string()
    .max(64)
    .exactOptional()
    .describe(
      'A line, or the id of a draft, whose keys and terms the variables get. A number that is no line yet stands for its draft',
    ),
  values: values.exactOptional(),
  promises: promises.exactOptional(),
  engine: z.string().max(64).exactOptional(),
  voice: z.string().max(64).exactOptional().describe('The best voice of the language by default'),
}

/** Changes of prompts, for programs and for the pages of prompts. */
export const promptDeeds = {
  say: consoleDeed('prompt.say', { ...key.shape, ...spokenWords }, sayPrompt),
  publish: consoleDeed(
    'prompt.publish',
    { ...versionKey.shape, ...seenFields },
    (deps, actor, { state, inForce, ...version }) =>
      publishPrompt(deps, actor, {
        ...version,
        seen: { ...(state !== undefined && { state }), ...(inForce !== undefined && { inForce }) },
      }),
  ),
  withdraw: consoleDeed('prompt.withdraw', versionKey.shape, (deps, actor, wanted) =>
    withdrawPrompt(deps, actor, wanted),
  ),
  propose: consoleDeed(
    'prompt.propose',
    { ...versionKey.shape, step: z.enum(PROPOSED_STEPS), ...seenFields },
    (deps, actor, { state, inForce, ...wanted }) =>
      proposePrompt(deps, actor, {
        ...wanted,
        seen: { ...(state !== undefined && { state }), ...(inForce !== undefined && { inForce }) },
      }),
  ),
  approve: consoleDeed('prompt.approve', { ...ofProposal, comment: comment.optional() }, approvePrompt),
  refuse: consoleDeed('prompt.refuse', { ...ofProposal, comment }, refusePrompt),
  withdrawProposal: consoleDeed('prompt.withdraw-proposal', ofProposal, withdrawPromptProposal),
  discard: consoleDeed('prompt.discard', versionKey.shape, discardPrompt),
}
