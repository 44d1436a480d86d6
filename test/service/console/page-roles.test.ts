// Real: the console's server without a socket, PostgreSQL with the console's role. Fake: none.
// Every page is requested by every role and by nobody. Who may is compared with the route of the API that does the same.
import t from 'tap'
import { ROLES } from '../../../src/shared/actor.js'
import { testConsole } from '../../support/processes/console.js'
import { changes, FORM, filled, isApi, look, routesOf } from '../../support/processes/console-routes.js'

/** Most requests of nobody that a console journals in a minute. */
const STRANGERS_PER_MINUTE = 60

const { app, tokens, ...first } = await testConsole(t)
const description = (
  await app.inject({ url: '/api/v1/openapi.json', headers: { authorization: tokens.operator } })
).json() as { paths: Record<string, Record<string, { 'x-action': string; 'x-roles': string[] }>> }

const every: readonly string[] = ROLES
/** Who may do what, by the journal's word for it: as the API says, and what only pages do. */
const allowed = new Map<string, readonly string[]>([
  ...Object.values(description.paths)
    .flatMap(methods => Object.values(methods))
    .map(operation => [operation['x-action'], operation['x-roles']] as const),
  ...(['session.ask', 'invitation.ask', 'setup.ask', 'setup.begin'] as const).map(
    action => [action, ['anyone']] as const,
  ),
  ...(['page.first', 'now.read', 'now.follow', 'me.read', 'me.view'] as const).map(
    action => [action, every] as const,
  ),
  ...(['me.show-second-factor', 'me.show-recovery-codes'] as const).map(action => [action, every] as const),
  ['user.show-link', ['administrator']],
  ['company.speak', ['administrator']],
  ['line.read', ['administrator', 'supervisor', 'auditor', 'privacy-officer']],
  ...(['system.read', 'api.read'] as const).map(action => [action, ['administrator', 'operator']] as const),
])

const routes = routesOf(app).filter(route => !isApi(route))
/** Each takes as many routes as it journals requests of nobody. */
const consoles = [{ app, ...first }]
while (consoles.length * STRANGERS_PER_MINUTE < routes.length) consoles.push(await testConsole(t))

for (const [index, route] of routes.entries())
  t.test(`${route.method} ${route.url} lets in whom the API lets in, and is journalled once`, async t => {
    const { app, people, requests } = consoles[Math.floor(index / STRANGERS_PER_MINUTE)]!
    for (const role of [null, ...ROLES]) {
      const known = (await requests()).length
      // A deed may end the session of whoever does it.
      const browser = role && (await people(role))
      const { statusCode, headers } = await look(app, {
        ...{
          method: route.method,
          url: filled(route.url),
          remoteAddress: `10.5.${known >> 8}.${known & 255}`,
        },
        headers: { ...browser?.headers, ...(changes(route) && FORM) },
        ...(changes(route) && { payload: '' }),
      })
      const journalled = (await requests()).slice(known)
      t.equal(journalled.length, 1, `${role}`)
      const { action, by, status } = journalled[0] as { action: string; by: string | null; status: number }
      const roles = allowed.get(action)
      if (!roles) return t.fail(`the API has no ${action}: say here who may`)
      t.strictSame([by, status], [browser?.actor.name ?? null, statusCode])
      if (roles.includes('anyone')) t.ok(statusCode < 401, `${role}: ${statusCode}`)
      else if (role === null)
        t.match({ statusCode, headers }, { statusCode: 303, headers: { location: /^\/sign-in/ } })
      else t.equal(statusCode === 403, !roles.includes(role), `${role}: ${statusCode}`)
    }
  })
