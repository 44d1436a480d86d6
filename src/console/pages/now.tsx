import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { hasRight } from '../../accounts/deeds.js'
import type { Actor } from '../../core/actor.js'
import { codeOf } from '../../core/errors.js'
import { readPresent } from '../../recordings/calls/present.js'
import { readAttention } from '../../site/attention.js'
import { askInCall } from '../../socket/ask-in-call.js'
import { access } from '../access.js'
import { Answer } from '../answer.js'
import type { AddRoutes, ConsoleDeps } from '../deps.js'
import { personOf } from '../guard.js'
import { refusalOf } from '../problem.js'
import { serviceState } from '../service-state.js'
import { DoneNotes, doneQuery } from './done-notes.js'
import { LiveNow } from './now/live-now.js'
import { missingIn } from './now/missing.js'
import { NowContent, type NowContentProps, PART_MS } from './now/now-content.js'
import { pageFor, pageSchema } from './page.js'
import { viewOf } from './view.js'
import { midnight } from './zone.js'

/** A header that keeps a proxy from buffering events. */
const EVENT_STREAM = { 'content-type': 'text/event-stream; charset=utf-8', 'x-accel-buffering': 'no' }

/** Refusals of the order to ask a caller that the page shows. */
const ABOUT_CALL: readonly (string | undefined)[] = ['not-found', 'request.conflict', 'service.unavailable']

/** What the page offers to an actor. */
const offersOf = (actor: Actor) => ({
  mayChange: hasRight(actor, 'company.set'),
  mayAsk: hasRight(actor, 'call.ask'),
})

/** The first page: the state of the system, today's calls, and the operator's tasks. It is live while it is open. */
export const addNowPage: AddRoutes = (app, deps) => {
  const live = new LiveNow(deps)
  app.addHook('preClose', () => live.end())
  const notes = new DoneNotes<string>(deps.clock)
  app.get(
    '/now',
    {
      config: access('now.read'),
      schema: { ...pageSchema('What goes on'), querystring: z.object(doneQuery) },
    },
    async request => {
      const isBegun = notes.of(request, request.query.done).length > 0
      return nowPage(deps, request, isBegun ? { begun: true } : undefined)
    },
  )
  app.post(
    '/now/calls/:call/ask',
    {
      config: access('call.ask'),
      schema: {
        ...pageSchema('Has the person of a call asked in the middle of the conversation'),
        params: z.object({ call: z.string().max(64) }),
        body: z.strictObject({}).optional(),
      },
    },
    async request => {
      try {
        const { call } = await askInCall(deps, request.actor!, request.params.call)
        return notes.leadTo(request, '/now', [call])
      } catch (error) {
        if (!ABOUT_CALL.includes(codeOf(error))) throw error
        const { status, text } = refusalOf(error as Error)
        return nowPage(deps, request, { refusal: text }, status)
      }
    },
  )
  app.get(
    '/now/events',
    // Programs do not get parts of a page.
    {
      config: access('now.follow'),
      schema: pageSchema('What goes on, whenever it changes'),
    },
    async request => {
      const person = personOf(request)
      const viewer = live.join(person.session, {
        view: viewOf(request),
        ...offersOf(person),
      })
      return new Answer(200, EVENT_STREAM, viewer)
    },
  )
}

/** Makes the page for a request. @param asked result of an order to ask a caller @param status of the answer */
async function nowPage(
  deps: ConsoleDeps,
  request: FastifyRequest,
  asked: NowContentProps['asked'],
  status = 200,
): Promise<Answer> {
  const now = deps.clock.now()
  const since = midnight(now, viewOf(request).zone)
  const stating = serviceState(deps.config)
  const present = await readPresent(deps, { since: new Date(since), stepMs: PART_MS })
  const setUp = await missingIn(deps)
  const attention = await readAttention(deps)
  const service = await stating
  const may = offersOf(request.actor!)
  return pageFor(request, ({ words, view }) => ({
    title: words.now.title,
    section: 'now',
    scripts: ['live.js'],
    status,
    body: (
      <NowContent {...{ present, service, ...setUp, attention, ...may, asked, words, view, now, since }} />
    ),
  }))
}
