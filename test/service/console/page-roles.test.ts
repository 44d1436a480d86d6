// Real: the console's server without a socket, PostgreSQL with the console's role. Fake: none.
// Every page is requested by every role, by a person and by a token, and by nobody. Who may is compared with the route of the API that does the same.
import t from 'tap'
import { ROLES } from '../../../src/core/actor.js'
import { testConsole } from '../../support/processes/console.js'
import { changes, FORM, filled, isApi, look, routesOf } from '../../support/processes/console-routes.js'
import { consolesForStrangers } from '../../support/processes/strangers.js'

const { app, deps, people, tokens, newRequests } = await testConsole(t)
const forStrangers = consolesForStrangers(t, deps)
const description = (
  await app.inject({ url: '/api/v1/openapi.json', headers: { authorization: tokens.operator } })
).json() as {
  paths: Record<string, Record<string, { 'x-action': string; 'x-roles': string[]; 'x-people-only': boolean }>>
}

const every: readonly string[] = ROLES
/** Who may do what, by the journal's word for it: as the API says, and what only pages do. */
const allowed = new Map<string, readonly string[]>([
  ...Object.values(description.paths)
    .flatMap(methods => Object.values(methods))
    .map(operation => [operation['x-action'], operation['x-roles']] as const),
  ...[
    ...['session.ask', 'invitation.ask', 'setup.ask', 'setup.begin'],
    ...['invitation.show', 'invitation.show-recovery-codes'],
  ].map(action => [action, ['anyone']] as const),
  ...(['page.first', 'now.read', 'now.follow', 'me.read', 'me.view'] as const).map(
    action => [action, every] as const,
  ),
  ...(['me.show-second-factor', 'me.show-recovery-codes'] as const).map(action => [action, every] as const),
  ['user.show-link', ['administrator']],
  ['user.show-sessions', ['administrator']],
  ['user.end-session', ['administrator']],
  ['company.speak', ['administrator']],
  ['company.trial', ['administrator']],
  ['prompt.begin', ['administrator']],
  ['line.read', ['administrator', 'supervisor', 'auditor', 'privacy-officer']],
  ...(['system.read', 'api.read'] as const).map(action => [action, ['administrator', 'operator']] as const),
])

/** What only people may do: as the API says, and what only pages do. */
const forPeople = new Set([
  ...Object.values(description.paths)
    .flatMap(methods => Object.values(methods))
    .filter(operation => operation['x-people-only'])
    .map(operation => operation['x-action']),
  ...['now.follow', 'me.show-second-factor', 'me.show-recovery-codes'],
  ...['user.show-link', 'user.show-sessions', 'user.end-session'],
])

/** How many requests were sent. */
let sent = 0

for (const route of routesOf(app).filter(route => !isApi(route)))
  t.test(`${route.method} ${route.url} lets in whom the API lets in, and is journalled once`, async t => {
    for (const role of [null, ...ROLES]) {
      const asked = ++sent
      await newRequests()
      // A deed may end the session of whoever does it.
      const browser = role && (await people(role))
      const { statusCode, headers } = await look(role ? app : await forStrangers(), {
        ...{
          method: route.method,
          url: filled(route.url),
          remoteAddress: `10.5.${asked >> 8}.${asked & 255}`,
        },
        headers: { ...browser?.headers, ...(changes(route) && FORM) },
        ...(changes(route) && { payload: '' }),
      })
      const journalled = await newRequests()
      t.equal(journalled.length, 1, `${role}`)
      const { action, by, status } = journalled[0] as { action: string; by: string | null; status: number }
      const roles = allowed.get(action)
      if (!roles) return t.fail(`the API has no ${action}: say here who may`)
      t.strictSame([by, status], [browser?.actor.name ?? null, statusCode])
      // Recovery codes that were shown to another browser are not there.
      if (roles.includes('anyone')) t.ok(statusCode < 401 || statusCode === 404, `${role}: ${statusCode}`)
      else if (role === null)
        t.match({ statusCode, headers }, { statusCode: 303, headers: { location: /^\/sign-in/ } })
      else t.equal(statusCode === 403, !roles.includes(role), `${role}: ${statusCode}`)
    }
    for (const role of ROLES) {
      await newRequests()
      const { statusCode } = await look(app, {
        ...{ method: route.method, url: filled(route.url) },
        headers: { authorization: tokens[role], ...(changes(route) && FORM) },
        ...(changes(route) && { payload: '' }),
      })
      const [{ action } = { action: '' }] = (await newRequests()) as { action: string }[]
      const roles = allowed.get(action) ?? []
      if (roles.includes('anyone')) continue
      t.equal(
        statusCode === 403,
        forPeople.has(action) || !roles.includes(role),
        `a token: ${role}: ${statusCode}`,
      )
    }
  })
