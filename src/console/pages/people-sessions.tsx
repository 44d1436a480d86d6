import { z } from 'zod'
import { listSessions, revokeSession } from '../../accounts/sessions.js'
import { access } from '../access.js'
import { Answer } from '../answer.js'
import type { AddRoutes } from '../deps.js'
import { personOf } from '../guard.js'
import { pageFor, pageSchema } from './page.js'
import { SessionsContent } from './people/sessions-content.js'

const params = z.object({ name: z.string().min(1).max(64) })

/** The page on which an administrator sees and ends another user's sessions. Own sessions are on the page Me. */
export const addPeopleSessionPages: AddRoutes = (app, deps) => {
  app.get(
    '/people/:name/sessions',
    {
      config: access('user.show-sessions'),
      schema: { ...pageSchema('Where a user is signed in'), params },
    },
    async request => {
      const { name } = request.params
      const person = personOf(request)
      if (name === person.name) return Answer.seeOther('/me')
      const sessions = await listSessions(deps, person, name)
      return pageFor(request, ({ words, view }) => ({
        title: words.people.sessionsOf(name),
        section: 'people',
        body: <SessionsContent {...{ name, sessions, words, view }} />,
      }))
    },
  )
  app.post(
    '/people/:name/sessions/:session/end',
    {
      config: access('user.end-session'),
      schema: {
        ...pageSchema('Ends a session of a user'),
        params: params.extend({ session: z.string().max(64) }),
        body: z.strictObject({}).optional(),
      },
    },
    async request => {
      const { name, session } = request.params
      await revokeSession(deps, personOf(request), session)
      return Answer.seeOther(`/people/${encodeURIComponent(name)}/sessions`)
    },
  )
}
