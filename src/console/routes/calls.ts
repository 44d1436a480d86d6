import { z } from 'zod'
import { ANSWERS } from '../../core/events.js'
import type { CallId } from '../../core/ids.js'
import { maskNumber } from '../../core/typed-number.js'
import { lineSchema } from '../../lines/change-lines.js'
import {
  type CallFilter,
  type CallSummary,
  type CallTimeline,
  listCalls,
  readCall,
} from '../../recordings/calls/calls.js'
import { askInCall } from '../../socket/ask-in-call.js'
import { access } from '../access.js'
import type { AddRoutes } from '../deps.js'
import { refusals } from '../problem.js'

/** Most calls of one page. */
const MAX_PAGE = 200

const time = z.iso.datetime()
const id = z.uuid()
const decision = z.enum(ANSWERS)

const summary = z.object({
  id,
  line: z.string().nullable().describe('The dialled number; null if it is no line'),
  caller: z.string().nullable().describe("The caller's number with all but its last four characters hidden"),
  probe: z.boolean().describe('Whether Consentry placed it itself, to see how calls run'),
  decision: decision.nullable().describe('Null before the decision'),
  purposes: z.array(
    z.object({
      ...{ purpose: z.string(), answer: decision },
      withdrawnAt: time.optional().describe('When the caller took the yes back; absent if it stands'),
    }),
  ),
  startedAt: time,
  endedAt: time.nullable(),
  recordings: z.array(
    z.object({
      ...{ id, purpose: z.string(), seconds: z.number(), state: z.string() },
      ownSideSeconds: z.number().optional(),
      lostBytes: z.number().optional().describe('Bytes that it lacks by the journal; absent if none'),
    }),
  ),
})
const timeline = summary.extend({
  events: z.array(z.looseObject({ at: time, type: z.string() })).describe('In the order of the journal'),
})

/** `after` of a page: when its last call began, ms since the epoch, and the id of that call. */
const CURSOR = /^(\d{1,15})_([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/
/** The parts of an event that name pipes and containers. */
const HOST_PATHS = ['tap', 'object']

const query = z.strictObject({
  line: lineSchema.shape.number.optional(),
  decision: decision.optional(),
  since: time.optional().describe('Calls that began at this moment or later'),
  until: time.optional().describe('Calls that began before this moment'),
  limit: z.coerce.number().int().min(1).max(MAX_PAGE).default(50),
  after: z.string().regex(CURSOR).optional().describe('`next` of the page before'),
})

/** Calls: pages of them, one with its events, and asking its caller. */
export const addCallRoutes: AddRoutes = (app, { db, config }) => {
  app.get(
    '/calls',
    {
      config: access('call.list'),
      schema: {
        summary: 'Lists calls, the latest first',
        querystring: query,
        response: {
          200: z.object({
            calls: z.array(summary),
            next: z.string().nullable().describe('`after` of the next page; null after the last call'),
          }),
          ...refusals,
        },
      },
    },
    async ({ query }) => {
      // One more call shows whether another page follows.
      const found = await listCalls({ db }, { ...filterOf(query), limit: query.limit + 1 })
      const calls = found.slice(0, query.limit)
      const last = found.length > calls.length ? calls.at(-1) : undefined
      return { calls: calls.map(shown), next: last ? cursorOf(last) : null }
    },
  )
  app.get(
    '/calls/:call',
    {
      config: access('call.read'),
      schema: {
        summary: 'One call with all its events',
        params: z.object({ call: z.string().max(64) }),
        response: { 200: timeline, ...refusals },
      },
    },
    async ({ params }) => {
      const { events, ...call } = await readCall({ db }, params.call)
      return { ...shown(call), events: events.map(withoutPaths) }
    },
  )
  app.post(
    '/calls/:call/ask',
    {
      config: access('call.ask'),
      schema: {
        summary: 'Has the person of a call asked for consent now',
        params: z.object({ call: z.string().max(64) }),
        response: {
          202: z.object({ call: id.describe('Its events say what comes of the question') }),
          ...refusals,
        },
      },
    },
    async ({ params, actor }) => askInCall({ config }, actor!, params.call),
  )
}

const shown = ({ caller, recordings, ...call }: CallSummary) => ({
  ...call,
  caller: caller === null ? null : maskNumber(caller),
  recordings: recordings.map(({ files, ...recording }) => recording),
})

const withoutPaths = (one: CallTimeline['events'][number]) => ({
  ...Object.fromEntries(Object.entries(one).filter(([name]) => !HOST_PATHS.includes(name))),
  ...{ at: one.at, type: one.type },
})

function filterOf({ line, decision, since, until, after }: z.infer<typeof query>): CallFilter {
  const [, startedAt, id] = (after && CURSOR.exec(after)) || []
  return {
    ...(line !== undefined && { line }),
    ...(decision !== undefined && { decision }),
    ...(since !== undefined && { since: new Date(since) }),
    ...(until !== undefined && { until: new Date(until) }),
    ...(startedAt && { after: { startedAt: new Date(Number(startedAt)), id: id as CallId } }),
  }
}

const cursorOf = ({ startedAt, id }: CallSummary): string => `${Date.parse(startedAt)}_${id}`
