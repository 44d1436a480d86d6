import { listLines } from '../../operations/lines/change-lines.js'
import { readPresent } from '../../operations/present.js'
import { ROLES } from '../../shared/actor.js'
import { access } from '../access.js'
import type { AddRoutes } from '../deps.js'
import { serviceState } from '../service-state.js'
import { type Missing, NowContent } from './now/now-content.js'
import { pageFor, pageSchema } from './page.js'
import { viewOf } from './view.js'
import { midnight } from './zone.js'

/** Length of a part of the day in the ribbon, ms: half an hour. */
const PART_MS = 1_800_000

/** The first page: whether all works, today's calls, and what needs somebody. */
export const addNowPage: AddRoutes = (app, deps) => {
  app.get(
    '/now',
    { config: access('now.read', ROLES), schema: pageSchema('What goes on') },
    async request => {
      const now = deps.clock.now()
      const since = midnight(now, viewOf(request).zone)
      const [present, service, lines] = await Promise.all([
        readPresent(deps, { since: new Date(since), stepMs: PART_MS }),
        serviceState(deps.config),
        listLines(deps),
      ])
      const { recipients, operator } = deps.config
      const missing: Missing[] = [
        ...(lines.length === 0 ? (['line'] as const) : []),
        ...(recipients.length === 0 ? (['keys'] as const) : []),
        ...(operator ? [] : (['company'] as const)),
      ]
      return pageFor(request, ({ words, view }) => ({
        title: words.now.title,
        section: 'now',
        body: <NowContent {...{ present, service, missing, words, view, now, since, partMs: PART_MS }} />,
      }))
    },
  )
}
