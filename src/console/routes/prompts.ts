import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { listPrompts, promptVersions, wherePrompt } from '../../lines/prompts/find-prompts.js'
import { hearPrompt, QUALITIES } from '../../lines/prompts/hear-prompt.js'
import {
  addPrompt,
  MAX_UPLOAD_BYTES,
  type MadePrompt,
  promptVoices,
  sayPrompt,
} from '../../lines/prompts/make-prompts.js'
import { discardPrompt, publishPrompt, withdrawPrompt } from '../../lines/prompts/publish-prompts.js'
import { access } from '../access.js'
import { ADMINISTRATORS, LINE_READERS } from '../audiences.js'
import type { AddRoutes } from '../deps.js'
import { MAKING_MS } from '../making-time.js'
import { refusals } from '../problem.js'
import {
  key,
  made,
  one,
  promises,
  seen,
  spokenWords,
  use,
  values,
  version,
  versionKey,
  voice,
} from './prompt-schemas.js'

/** Prompts: their versions and sounds, making new ones by voice or recording, and putting them into force. */
export const addPromptRoutes: AddRoutes = (app, deps) => {
  app.get(
    '/prompts',
    {
      config: access('prompt.list', LINE_READERS),
      schema: {
        summary: 'Lists the prompts, each with its version in force',
        response: { 200: z.array(version), ...refusals },
      },
    },
    () => listPrompts(deps),
  )
  app.get(
    '/voices',
    {
      config: access('voice.list', LINE_READERS),
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
      config: access('prompt.read', LINE_READERS),
      schema: {
        summary: 'One prompt with its versions, the newest first, and where it is used',
        params: key,
        response: { 200: one, ...refusals },
      },
    },
    async ({ params }) => ({
      versions: await promptVersions(deps, params),
      ...(await wherePrompt(deps, params)),
    }),
  )
  app.get(
    '/prompts/:name/:language/versions/:version/audio',
    {
      config: access('prompt.hear', LINE_READERS),
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
  app.post(
    '/prompts/:name/:language/speech',
    {
      config: { ...access('prompt.say', ADMINISTRATORS), handlerMs: MAKING_MS },
      schema: {
        summary: 'Lets a voice speak a prompt, and saves it as a draft',
        params: key,
        body: spokenWords,
        response: { 201: made, ...refusals },
      },
    },
    async ({ params, body, actor }) => answerOf(await sayPrompt(deps, actor!, { ...params, ...body })),
  )
  app.post(
    '/prompts/:name/:language/versions/:version/publish',
    {
      config: access('prompt.publish', ADMINISTRATORS),
      schema: {
        summary:
          'Puts a version into force, for calls that begin later: a draft, or one that was in force before',
        params: versionKey,
        body: seen,
        response: { 200: use, ...refusals },
      },
    },
    async ({ params, body, actor }) =>
      publishPrompt(deps, actor!, { ...params, ...(body && { seen: body }) }),
  )
  for (const [path, summary, work] of [
    ['withdraw', 'Takes a version out of force', withdrawPrompt],
    ['discard', 'Discards a draft', discardPrompt],
  ] as const)
    app.post(
      `/prompts/:name/:language/versions/:version/${path}`,
      {
        config: access(`prompt.${path}`, ADMINISTRATORS),
        schema: { summary, params: versionKey, response: { 200: use, ...refusals } },
      },
      async ({ params, actor }) => work(deps, actor!, params),
    )
  addUpload(app, deps)
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
        config: { ...access('prompt.add', ADMINISTRATORS), handlerMs: MAKING_MS },
        schema: {
          summary: 'Saves a recording (WAV, MP3, OGG, M4A, FLAC; the body, as audio/*) as a draft',
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

const answerOf = ({ prompt, warnings }: MadePrompt) => ({ prompt: { ...prompt }, warnings })
