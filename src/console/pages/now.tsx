import { readPresent } from '../../operations/present.js'
import { setupProgress } from '../../operations/setup/progress.js'
import { ROLES } from '../../shared/actor.js'
import { access } from '../access.js'
import type { AddRoutes } from '../deps.js'
import { serviceState } from '../service-state.js'
import { NowContent } from './now/now-content.js'
import { pageFor, pageSchema } from './page.js'
import { midnight, viewOf } from './view.js'

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
      const [present, service, progress] = await Promise.all([
        readPresent(deps, { since: new Date(since), stepMs: PART_MS }),
        serviceState(deps.config),
        setupProgress(deps),
      ])
      const missing = (['company', 'key', 'line'] as const).filter(need => !progress[need])
      const mayChange = request.actor!.roles.includes('administrator')
      return pageFor(request, ({ words, view }) => ({
        title: words.now.title,
        section: 'now',
        body: (
          <NowContent
            {...{ present, service, missing, mayChange, words, view, now, since, partMs: PART_MS }}
          />
        ),
      }))
    },
  )
}
