// Real: the console's server without a socket, PostgreSQL with the console's role. Fake: none.
// Every page is requested by every role, by a person and by a token, and by nobody. Who may is compared with the table of deeds.
import t from 'tap'
import { DEEDS, type Deed, type Right } from '../../../src/accounts/deeds.js'
import { ROLES } from '../../../src/core/actor.js'
import { testConsole } from '../../support/processes/console.js'
import { changes, FORM, filled, isApi, look, routesOf } from '../../support/processes/console-routes.js'
import { consolesForStrangers } from '../../support/processes/strangers.js'

const { app, deps, people, tokens, newRequests } = await testConsole(t)
const forStrangers = consolesForStrangers(t, deps)
/** Who may do a deed, by the action in the journal. */
const rightTo = (action: string): Right => DEEDS[action as Deed]

/** How many requests were sent. */
let sent = 0

for (const route of routesOf(app).filter(route => !isApi(route)))
  t.test(
    `${route.method} ${route.url} lets in whom the table of deeds lets in, and is journalled once`,
    async t => {
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
        const roles = rightTo(action).roles
        t.strictSame([by, status], [browser?.actor.name ?? null, statusCode])
        // Recovery codes that were shown to another browser are not there.
        if (roles === 'anyone') t.ok(statusCode < 401 || statusCode === 404, `${role}: ${statusCode}`)
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
        const { roles, peopleOnly } = rightTo(action)
        if (roles === 'anyone') continue
        t.equal(statusCode === 403, peopleOnly || !roles.includes(role), `a token: ${role}: ${statusCode}`)
      }
    },
  )
