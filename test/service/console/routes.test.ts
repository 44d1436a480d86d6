// Real: the console's server without a socket, PostgreSQL with the console's role, the journal. Fake: none.
import t from 'tap'
import { labLines } from '../../../lab/lab-lines.js'
import { event } from '../../../src/core/events.js'
import { newCallId } from '../../../src/core/ids.js'
import type { CallSummary } from '../../../src/recordings/calls/calls.js'
import { recordedCall, STARTED } from '../../support/data/call-events.js'
import { APPEND_LIMIT_MS, startTestJournal } from '../../support/data/journal.js'
import { told } from '../../support/data/told-events.js'
import { testConsole } from '../../support/processes/console.js'

const { app, deps, tokens, requests, serviceUrl } = await testConsole(t)
/** Calls are journalled by the service; the console may not. */
const journalAsService = startTestJournal(t, serviceUrl)
const get = (url: string, token: string) =>
  app.inject({ url: `/api/v1${url}`, headers: { authorization: token } })
const post = (url: string, token: string, payload: object) =>
  app.inject({ method: 'POST', url: `/api/v1${url}`, headers: { authorization: token }, payload })

interface Page {
  calls: (CallSummary & { recordings: object[] })[]
  next: string | null
}

t.test('calls are listed in pages, each once, with masked numbers', async t => {
  const ids = Array.from({ length: 4 }, () => newCallId())
  for (const id of ids) await journalAsService.append(recordedCall(id).events, APPEND_LIMIT_MS)
  const seen: string[] = []
  let next: string | null = ''
  let pages = 0
  while (next !== null) {
    const page: Page = (await get(`/calls?limit=2${next && `&after=${next}`}`, tokens.supervisor)).json()
    for (const call of page.calls) {
      seen.push(call.id)
      t.match(call, { caller: '********4567', decision: 'granted', recordings: { 0: { state: 'finished' } } })
      t.notOk('files' in call.recordings[0]!, 'no path of the host is shown')
    }
    next = page.next
    pages += 1
  }
  t.strictSame(seen, [...ids].sort(), 'all began at the same moment, and each is listed once')
  t.equal(pages, 2, 'the last page, which is full, says that it is the last')
  const none = await get('/calls?decision=refused', tokens.auditor)
  t.strictSame(none.json(), { calls: [], next: null })
})

t.test('a query that cannot be meant is refused, and says why', async t => {
  for (const [query, named] of [
    ['after=1_2', /after/],
    [`after=1_${'-'.repeat(36)}`, /after/],
    ['after=-8640000000000000_00000000-0000-0000-0000-000000000000', /after/],
    ['limit=0', /limit/],
    ['line=%00', /line/],
    ['desicion=refused', /desicion/],
    ['since=yesterday', /since/],
  ] as const) {
    const answer = await get(`/calls?${query}`, tokens.supervisor)
    t.match(answer.json(), { status: 400, detail: named })
  }
  t.match(await get(`/calls/${'x'.repeat(64)}`, tokens.supervisor), { statusCode: 404 })
  t.match(await get('/calls/%ZZ', tokens.supervisor), {
    statusCode: 400,
    headers: { 'content-type': /problem\+json/ },
  })
})

t.test('a call is shown with its events, and the journal says of which call', async t => {
  const call = newCallId()
  await journalAsService.append(recordedCall(call).events, APPEND_LIMIT_MS)
  const answer = (await get(`/calls/${call}`, tokens.auditor)).json()
  t.match(answer, { id: call, events: { 0: { type: 'call.started' } } })
  t.notMatch(JSON.stringify(answer), /79001234567|\/t\/a/, 'neither the number nor a path is in it')
  t.match((await requests()).at(-1), { by: 'auditor', action: 'call.read', status: 200, about: call })
  const again = (await get(`/calls/${call}`, tokens.auditor)).json()
  t.strictSame(again, answer, 'a look at a call is no event of the call')
  t.match((await get('/calls/nonsense', tokens.auditor)).json(), { status: 404 })
  await app.inject(`/api/v1/calls/${call}`)
  t.match((await requests()).at(-1), { by: null, token: null, status: 401, about: undefined })
})

t.test('a call says when a yes was taken back', async t => {
  const { call, events } = recordedCall()
  const withdrawn = event('consent.withdrawn', call, STARTED + 15_000, { purposes: ['service'], keep: false })
  await journalAsService.append([...events.slice(0, -1), withdrawn, ...events.slice(-1)], APPEND_LIMIT_MS)
  const purposes = [{ purpose: 'service', answer: 'granted', withdrawnAt: '2026-01-31T09:30:15.000Z' }]
  t.strictSame((await get(`/calls/${call}`, tokens.auditor)).json().purposes, purposes)
  const { calls }: Page = (await get('/calls', tokens.auditor)).json()
  t.strictSame(calls.find(({ id }) => id === call)?.purposes, purposes)
})

t.test('a line is put into force by a program, and the journal names it', async t => {
  const line = { ...labLines[1]!, number: '701' }
  for (const version of [1, 2]) {
    const answer = await post('/lines', tokens.administrator, line)
    t.match(answer, { statusCode: 201 }, answer.body)
    t.match(answer.json(), { line: { number: '701', version } })
  }
  const changed = await told(deps.db).select('data').where('type', '=', 'line.changed').execute()
  t.match(changed, {
    length: 2,
    0: { data: { by: 'administrator', way: 'token', before: null } },
    1: { data: { before: { version: 1 } } },
  })
  t.match((await get('/lines', tokens.auditor)).json(), { length: 1, 0: { number: '701', version: 2 } })

  const contradicting = { ...line, keys: { ...line.keys, yes: '5' } }
  t.match((await post('/lines', tokens.administrator, contradicting)).json(), { status: 422, detail: /yes/ })
  const malformed = { ...line, waitMs: 'long', more: true }
  t.match((await post('/lines', tokens.administrator, malformed)).json(), { status: 400, detail: /waitMs/ })
  const text = await app.inject({
    ...{ method: 'POST', url: '/api/v1/lines', payload: JSON.stringify(line) },
    headers: { authorization: tokens.administrator, 'content-type': 'text/plain' },
  })
  t.match(text.json(), { status: 415 })
})

t.test('a line is tried, and nothing is saved', async t => {
  const met = (await post('/lines/try', tokens.supervisor, { ...labLines[1]!, number: '702' })).json()
  t.match(met, { length: 9, 0: { caller: 'yes-at-once', decision: 'granted', recorded: ['service'] } })
  t.notMatch((await get('/lines', tokens.auditor)).body, /"702"/)
})
