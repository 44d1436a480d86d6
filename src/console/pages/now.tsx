import { readAttention } from '../../operations/attention.js'
import { readPresent } from '../../operations/present.js'
import { type Actor, ROLES } from '../../shared/actor.js'
import { access, peopleAccess } from '../access.js'
import { Answer } from '../answer.js'
import type { AddRoutes } from '../deps.js'
import { personOf } from '../guard.js'
import { serviceState } from '../service-state.js'
import { LiveNow } from './now/live-now.js'
import { missingIn } from './now/missing.js'
import { NowContent, PART_MS } from './now/now-content.js'
import { pageFor, pageSchema } from './page.js'
import { viewOf } from './view.js'
import { midnight } from './zone.js'

/** A proxy in front passes each event on at once. */
const EVENT_STREAM = { 'content-type': 'text/event-stream; charset=utf-8', 'x-accel-buffering': 'no' }

const maySetUp = ({ roles }: Actor): boolean => roles.includes('administrator')

/** The first page: whether all works, today's calls, and what needs somebody. It is kept up to date while it is open. */
export const addNowPage: AddRoutes = (app, deps) => {
  const live = new LiveNow(deps)
  app.addHook('preClose', () => live.end())
  app.get(
    '/now',
    { config: access('now.read', ROLES), schema: pageSchema('What goes on') },
    async request => {
      const now = deps.clock.now()
      const since = midnight(now, viewOf(request).zone)
      const [present, service, missing, attention] = await Promise.all([
        readPresent(deps, { since: new Date(since), stepMs: PART_MS }),
        serviceState(deps.config),
        missingIn(deps),
        readAttention(deps),
      ])
      const mayChange = maySetUp(request.actor!)
      return pageFor(request, ({ words, view }) => ({
        title: words.now.title,
        section: 'now',
        scripts: ['live.js'],
        body: (
          <NowContent {...{ present, service, missing, attention, mayChange, words, view, now, since }} />
        ),
      }))
    },
  )
  app.get(
    '/now/events',
    // Programs get no part of a page.
    {
      config: peopleAccess('now.follow', ROLES),
      schema: pageSchema('What goes on, whenever it changes'),
    },
    async request => {
      const person = personOf(request)
      const viewer = live.join(person.session, { view: viewOf(request), mayChange: maySetUp(person) })
      return new Answer(200, EVENT_STREAM, viewer)
    },
  )
}
