import { z } from 'zod'
import { ANSWERS } from '../../core/events.js'
import { english } from '../../core/message.js'
import { type ChangedLines, changeLines, lineSchema, listLines } from '../../lines/change-lines.js'
import { listVersions, restoreVersion } from '../../lines/line-versions.js'
import { replayLine } from '../../lines/replay-line.js'
import { tryLine } from '../../lines/try-line.js'
import { access } from '../access.js'
import type { AddRoutes } from '../deps.js'
import { refusals } from '../problem.js'
import { changedLine, difference, line } from './line-schemas.js'

const { number } = lineSchema.shape
const version = z.object({
  version: z.int(),
  at: z.iso.datetime(),
  by: z.string(),
  way: z.string(),
  approvedBy: z.string().nullable().describe('Null if nobody approved it'),
  inForce: z.boolean(),
  changes: z.array(difference).describe('The fields in which it differs from the version before'),
  restoring: z
    .array(difference)
    .describe('The fields in which it differs from the version in force: what restoring it changes'),
})

const met = z.object({
  caller: z.string(),
  decision: z.enum(ANSWERS).nullable(),
  recorded: z.array(z.string()).describe('The purposes that are recorded'),
  next: z.enum(['continue', 'transfer', 'hangup']).nullable(),
  leftAt: z
    .number()
    .nullable()
    .describe('When the call leaves the questions, ms; null if the caller hangs up'),
  heard: z.array(z.looseObject({ role: z.string(), prompt: z.string(), from: z.number() })),
})

const seconds = z
  .object({ median: z.number(), p95: z.number(), longest: z.number() })
  .nullable()
  .describe('From the beginning of the call to the agent, s; null if no caller gets there')
const decision = z.enum(ANSWERS)
const replayReport = z.object({
  line: z.string(),
  of: z.string(),
  calls: z.int().describe('How many calls were read'),
  replayed: z.int(),
  leftOut: z
    .record(z.string(), z.int())
    .describe(
      'Calls that are not replayed, by why: a fault decided them, or their own replay comes out otherwise',
    ),
  otherwise: z.int().describe('How many calls would be decided otherwise'),
  changes: z.array(z.object({ before: decision.nullable(), after: decision.nullable(), calls: z.int() })),
  decisions: z.array(
    z.object({ decision, before: z.int(), after: z.int(), secondsBefore: seconds, secondsAfter: seconds }),
  ),
  secondsToAgent: z.object({ before: seconds, after: seconds }),
  recorded: z.object({ before: z.int(), after: z.int() }),
})

/** Lines: those in force, their versions, simulated callers of a line, and putting one into force. */
export const addLineRoutes: AddRoutes = (app, deps) => {
  addForceRoutes(app, deps)
  addTrialRoutes(app, deps)
  addVersionRoutes(app, deps)
}

/** The lines in force, and putting one into force. */
const addForceRoutes: AddRoutes = (app, deps) => {
  app.get(
    '/lines',
    {
      config: access('line.list'),
      schema: {
        summary: 'Lists the lines in force, by number',
        response: { 200: z.array(line), ...refusals },
      },
    },
    async () => (await listLines(deps)).map(one => ({ ...one })),
  )
  app.post(
    '/lines',
    {
      config: access('line.set'),
      schema: {
        summary: 'Puts a line without a group into force',
        body: lineSchema,
        response: { 201: changedLine, ...refusals },
      },
    },
    async ({ body, actor }) => answerOf(await changeLines(deps, actor!, body)),
  )
}

/** What callers would meet on a line. */
const addTrialRoutes: AddRoutes = (app, deps) => {
  app.post(
    '/lines/try',
    {
      config: access('line.try'),
      schema: {
        summary: 'Shows what callers would meet on a line',
        body: lineSchema,
        response: { 200: z.array(met), ...refusals },
      },
    },
    async ({ body }) => {
      const { callers } = await tryLine(body, deps.db)
      return callers.map(({ heard, ...rest }) => ({ ...rest, heard: heard.map(one => ({ ...one })) }))
    },
  )
  app.post(
    '/lines/replay',
    {
      config: access('line.replay'),
      schema: {
        summary: 'Shows what the latest 1,000 calls would have met on a line',
        body: z.strictObject({
          line: z.unknown().describe('As in POST /lines; it may name a group'),
          of: number.optional().describe('Whose calls are replayed; by default those of the line'),
        }),
        response: { 200: replayReport, ...refusals },
      },
    },
    ({ body }) => replayLine(deps, { input: body.line, of: body.of }),
  )
}

/** The versions of a line, and the return to one. */
const addVersionRoutes: AddRoutes = (app, deps) => {
  app.get(
    '/lines/:number/versions',
    {
      config: access('line.versions'),
      schema: {
        summary: 'Lists the versions of a line, and what each changed',
        params: z.object({ number }),
        response: { 200: z.array(version), ...refusals },
      },
    },
    ({ params }) => listVersions(deps, params.number),
  )
  app.post(
    '/lines/:number/restore',
    {
      config: access('line.restore'),
      schema: {
        summary: 'Puts an earlier version of a line into force again',
        params: z.object({ number }),
        body: z.strictObject({ version: z.int().min(1) }),
        response: { 201: changedLine, ...refusals },
      },
    },
    async ({ params, body, actor }) => answerOf(await restoreVersion(deps, actor!, { ...params, ...body })),
  )
}

const answerOf = ({ lines, warnings }: ChangedLines) => ({
  line: { ...lines[0]! },
  warnings: warnings.map(english),
})
