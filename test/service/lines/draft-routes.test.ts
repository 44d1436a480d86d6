// Real: the console's server without a socket, PostgreSQL with the console's role, the journal. Fake: none.
import t from 'tap'
import { labLines } from '../../../lab/lab-lines.js'
import { addToken } from '../../../src/accounts/tokens.js'
import type { Config } from '../../../src/config/config.js'
import { consoleApp } from '../../../src/console/app.js'
import type { DraftView } from '../../../src/lines/drafts/show-draft.js'
import { person } from '../../support/data/actors.js'
import { testConsole } from '../../support/processes/console.js'

const { deps, admin, tokens, people } = await testConsole(t)
const app = await consoleApp({ ...deps, config: { ...deps.config, lineApproval: 'required' } as Config })
t.teardown(() => app.close())
const second = await addToken(admin, person('anna'), {
  name: 'second',
  roles: ['administrator'],
  expiresAt: null,
})
const other = `Bearer ${second.reveal()}`
const line = { ...labLines[1]!, number: '700' }

const send = (
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  url: string,
  payload?: object,
  by = tokens.administrator,
) => app.inject({ method, url: `/api/v1${url}`, headers: { authorization: by }, ...(payload && { payload }) })

t.test(
  'a draft goes through the API by a program, a person approves it, and each refusal says what to do',
  async t => {
    const refused = await send('POST', '/lines', line)
    t.match(refused.json(), { status: 403, detail: /Save it as a draft/ })
    const begun = await send('POST', '/lines/700/drafts', { input: { language: 'en', keys: { yes: 'Y' } } })
    t.equal(begun.statusCode, 201, begun.body)
    const { id, revision, faults } = begun.json() as DraftView
    t.match(
      faults.find(({ field }) => field === 'keys.yes'),
      { path: ['keys', 'yes'], message: /one of the keys/ },
    )
    t.match((await send('POST', `/drafts/${id}/request-approval`, { revision })).json(), {
      status: 422,
      detail: /keys\.yes/,
    })
    t.match((await send('PUT', `/drafts/${id}`, { revision, input: line })).json(), {
      revision: 2,
      faults: [],
    })
    t.match((await send('PUT', `/drafts/${id}`, { revision, input: line }, other)).json(), {
      status: 409,
      detail: /revision 2/,
    })
    t.match((await send('PUT', `/drafts/${id}`, { revision: 2 })).statusCode, /400|422/)
    t.match((await send('POST', `/drafts/${id}/publish`, { revision: 2 })).json(), { status: 403 })
    t.match((await send('POST', `/drafts/${id}/request-approval`, { revision: 2 })).json(), {
      state: 'awaiting-approval',
    })
    t.match((await send('POST', `/drafts/${id}/approve`, { revision: 2 }, other)).json(), {
      status: 403,
      detail: /Only a person who has signed in/,
    })
    const approver = await people('administrator')
    const approved = await app.inject({
      ...{ method: 'POST', url: `/api/v1/drafts/${id}/approve`, payload: { revision: 2 } },
      headers: { ...approver.headers },
    })
    t.match(approved.json(), { approved: { by: approver.actor.name, way: 'console' } })
    const past = { revision: 2, publishAt: '2020-01-01T00:00:00Z' }
    t.match((await send('POST', `/drafts/${id}/schedule`, past)).json(), { status: 422, detail: /past/ })
    t.match((await send('POST', `/drafts/${id}/publish`, { revision: 2 })).json(), {
      line: { number: '700', version: 1 },
    })
    t.match((await send('POST', `/drafts/${id}/publish`, { revision: 2 })).json(), {
      status: 409,
      detail: /version 1/,
    })
    t.match((await send('GET', `/drafts/${id}`, undefined, tokens.auditor)).json(), {
      state: 'published',
      publishedVersion: 1,
    })
    t.match((await send('POST', '/lines/700/restore', { version: 1 })).json(), { status: 422 })
  },
)

t.test('what no draft can hold is refused, and what is no draft is not found', async t => {
  t.match((await send('POST', '/lines/a%20b/drafts', {})).statusCode, 400)
  t.match((await send('GET', '/drafts/nonsense')).json(), { status: 404 })
  t.match((await send('DELETE', `/drafts/${'x'.repeat(64)}?revision=1`)).json(), { status: 404 })
  const deep = JSON.parse(`${'['.repeat(2_000)}${']'.repeat(2_000)}`)
  t.match((await send('POST', '/lines/701/drafts', { input: deep })).json(), { status: 400 })
  t.match((await send('POST', '/lines/701/drafts', { input: { '\u0000': 1 } })).json(), { status: 400 })
  const odd = await send('POST', '/lines/701/drafts', { input: { '\ud800': '\ud800', __proto__: 1 } })
  t.equal(odd.statusCode, 201, odd.body)
  t.match((await send('DELETE', `/drafts/${(odd.json() as DraftView).id}?revision=1`)).json(), {
    discarded: true,
  })
})
