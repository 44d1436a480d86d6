import { listTokens } from '../../accounts/tokens.js'
import { version } from '../../lib/process/project.js'
import { readSystem } from '../../site/system.js'
import { access } from '../access.js'
import type { AddRoutes } from '../deps.js'
import { serviceState } from '../service-state.js'
import { pageFor, pageSchema } from './page.js'
import { type Described, RouteTable } from './system/route-table.js'
import { SystemContent } from './system/system-content.js'

/** Pages about the system: its parts and tokens, and a readable description of the API. */
export const addSystemPages: AddRoutes = (app, deps) => {
  app.get(
    '/system',
    { config: access('system.read'), schema: pageSchema('Parts and tokens of the system') },
    async request => {
      const [service, facts] = await Promise.all([serviceState(deps.config), readSystem(deps)])
      const tokens = await listTokens(deps)
      return pageFor(request, ({ words, view }) => ({
        title: words.system.title,
        section: 'system',
        body: <SystemContent {...{ service, facts, tokens, words, view, version }} />,
      }))
    },
  )
  app.get(
    '/system/api',
    { config: access('system.read'), schema: pageSchema('The API, for people') },
    async request => {
      const { paths } = app.swagger() as unknown as Described
      return pageFor(request, ({ words }) => ({
        title: words.system.api,
        section: 'system',
        body: <RouteTable paths={paths} words={words} />,
      }))
    },
  )
}
