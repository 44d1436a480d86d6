// Real: the console's server without a socket, PostgreSQL with the console's role, the journal. Fake: none.
import t from 'tap'
import { labLines } from '../../../lab/lab-lines.js'
import { addToken } from '../../../src/accounts/tokens.js'
import type { Actor } from '../../../src/core/actor.js'
import type { EventType } from '../../../src/core/events.js'
import { changeLines, listLines } from '../../../src/lines/change-lines.js'
import { approveDraft, requestApproval } from '../../../src/lines/drafts/approve-draft.js'
import { beginDraft } from '../../../src/lines/drafts/edit-draft.js'
import { scheduleDraft } from '../../../src/lines/drafts/schedule-draft.js'
import { changeGroup, readGroup } from '../../../src/lines/groups.js'
import {
  approveGroup,
  openProposal,
  proposeGroup,
  refusedProposal,
  refuseProposal,
  withdrawProposal,
} from '../../../src/lines/propose-group.js'
import { matchEach } from '../../support/assertions/match-each.js'
import { person } from '../../support/data/actors.js'
import { toldEvents } from '../../support/data/told-events.js'
import { testConsole } from '../../support/processes/console.js'
import { FORM } from '../../support/processes/console-routes.js'

const { admin, app, deps, people } = await testConsole(t, {}, { CONSENTRY_LINE_APPROVAL: 'required' })
const administrator = (name: string): Actor => ({ name, way: 'console', roles: ['administrator'] })
const [anna, boris] = [administrator('anna'), administrator('boris')]
const command = person('root')
const directly = { withoutApproval: true }
const { number: _, ...shared } = labLines[1]!
await changeGroup(deps, command, { name: 'sales', input: shared }, directly)
await changeLines(deps, command, { number: '700', group: 'sales' }, directly)
const waitOf = async () => (await listLines(deps)).find(({ number }) => number === '700')?.waitMs
const events = async (type: EventType) => (await toldEvents(deps.db, type)).map(({ data }) => data)

t.test('where a second person approves lines, one approves a change of a group, too', async t => {
  const input = { ...shared, waitMs: 4_500 }
  await t.rejects(changeGroup(deps, anna, { name: 'sales', input }), { code: 'approval.required' })
  await t.rejects(
    proposeGroup(deps, anna, { name: 'sales', input: { ...input, mode: undefined, colour: 1 } }),
    {
      code: 'policy.invalid',
    },
  )
  await t.rejects(proposeGroup(deps, anna, { name: 'sales', input, seen: 0 }), { code: 'request.conflict' })
  const { id: proposal } = await proposeGroup(deps, anna, { name: 'sales', input, seen: 1 })
  const seen = { name: 'sales', proposal }
  t.equal(await waitOf(), shared.waitMs, 'nothing has changed yet')
  await t.rejects(approveGroup(deps, { ...anna, name: ' Anna ' }, seen), { code: 'approval.required' })
  t.match(await approveGroup(deps, boris, seen), { version: 2, lines: { length: 1 } })
  t.equal(await waitOf(), 4_500)
  t.match((await events('line.group-changed')).at(-1), {
    by: 'boris',
    proposal: { id: proposal, by: 'anna' },
  })
  matchEach(t, await events('line.group-proposed'), [
    { by: 'anna', proposal, base: 1, fields: { waitMs: 4_500 } },
  ])
  await t.rejects(approveGroup(deps, boris, seen), { code: 'not-found' }, 'once')
})

t.test('a proposal that was replaced, withdrawn or overtaken is not made', async t => {
  const propose = async (waitMs: number) =>
    (await proposeGroup(deps, anna, { name: 'sales', input: { ...shared, waitMs } })).id
  const first = await propose(6_000)
  const second = await propose(7_000)
  await t.rejects(approveGroup(deps, boris, { name: 'sales', proposal: first }), { code: 'not-found' })
  await withdrawProposal(deps, boris, { name: 'sales', proposal: second })
  await t.rejects(approveGroup(deps, boris, { name: 'sales', proposal: second }), { code: 'not-found' })
  matchEach(t, await events('line.group-proposal-withdrawn'), [{ by: 'boris', proposal: second }])
  const third = await propose(8_000)
  await changeGroup(deps, command, { name: 'sales', input: { ...shared, waitMs: 3_000 } }, directly)
  await t.rejects(approveGroup(deps, boris, { name: 'sales', proposal: third }), { code: 'request.conflict' })
  const both = await Promise.allSettled(
    [await propose(9_000)].flatMap(proposal =>
      ['boris', 'vera'].map(name => approveGroup(deps, administrator(name), { name: 'sales', proposal })),
    ),
  )
  t.strictSame(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
  t.equal(await openProposal(deps.db, 'sales'), undefined)
  t.equal(await waitOf(), 9_000)
})

t.test('a second person rejects a proposal, and says why', async t => {
  const propose = async (waitMs: number) => {
    const input = { ...shared, waitMs }
    return { name: 'sales', proposal: (await proposeGroup(deps, anna, { name: 'sales', input })).id }
  }
  const seen = await propose(9_500)
  const comment = 'Nine seconds are too long.'
  for (const [who, said, code] of [
    [anna, comment, 'approval.required'],
    [boris, ' ', 'request.invalid'],
    [boris, 'a\u0007b', 'request.invalid'],
    [boris, 'x'.repeat(1_001), 'request.invalid'],
    [{ name: 'crm', way: 'token', roles: ['administrator'] }, comment, 'person.required'],
  ] as const)
    await t.rejects(refuseProposal(deps, who, { ...seen, comment: said }), { code }, `${who.name} ${code}`)
  await refuseProposal(deps, boris, { ...seen, comment })
  t.match(await refusedProposal(deps.db, 'sales'), {
    ...{ by: 'anna', fields: { waitMs: 9_500 }, refused: { by: 'boris', way: 'console', comment } },
  })
  matchEach(t, await events('line.group-proposal-refused'), [
    { by: 'boris', proposal: seen.proposal, name: 'sales', comment },
  ])
  await t.rejects(approveGroup(deps, boris, seen), { code: 'not-found' })
  await t.rejects(refuseProposal(deps, boris, { ...seen, comment }), { code: 'not-found' })
  t.equal(await openProposal(deps.db, 'sales'), undefined)

  const next = await propose(6_500)
  t.equal(await refusedProposal(deps.db, 'sales'), undefined, 'until another change is proposed')
  const both = await Promise.allSettled([
    refuseProposal(deps, boris, { ...next, comment }),
    approveGroup(deps, boris, next),
  ])
  t.strictSame(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected'], 'one decision counts')
  await refuseProposal(deps, boris, { ...(await propose(9_600)), comment })
  await changeGroup(deps, command, { name: 'sales', input: { ...shared, waitMs: 9_000 } }, directly)
  t.equal(await refusedProposal(deps.db, 'sales'), undefined, 'or made')
  const approved = await propose(8_000)
  await approveGroup(deps, boris, { ...approved, comment: ' Good.\r\nSoon. ' })
  t.match((await readGroup(deps, 'sales')).versions[0], {
    ...{ by: 'boris', proposedBy: 'anna', comment: 'Good.\nSoon.' },
  })
  t.match((await events('line.group-changed')).at(-1), { proposal: { comment: 'Good.\nSoon.' } })
})

t.test('the pages propose, and show the proposal to the second person', async t => {
  const [olga, petr] = [await people('administrator'), await people('administrator')]
  const send = (url: string, { headers }: typeof olga, fields: Record<string, string>) =>
    app.inject({
      ...{ method: 'POST', url, headers: { ...headers, ...FORM } },
      payload: new URLSearchParams(fields).toString(),
    })
  const page = async ({ headers }: typeof olga) =>
    (await app.inject({ url: '/lines/groups/sales', headers: { ...headers, accept: 'text/html' } })).body
  const { version } = await readGroup(deps, 'sales')
  const input = JSON.stringify({ ...shared, waitMs: 5_500 })
  t.equal((await send('/lines/groups/sales', olga, { seen: String(version), input })).statusCode, 303)
  const { id: proposal } = (await openProposal(deps.db, 'sales'))!
  const own = await page(olga)
  t.match(own, /Awaits approval[\s\S]*5\.5 seconds to answer/)
  t.notMatch(own, /Approve and change/, 'whoever proposed it does not approve')
  t.match(await page(petr), /Approve and change/)
  t.equal((await send('/lines/groups/sales/approve', olga, { proposal })).statusCode, 403)
  t.match(await send('/lines/groups/sales/approve', petr, { proposal }), { statusCode: 303 })
  t.equal(await waitOf(), 5_500)
})

t.test('the second person sees each value, even if no line has it', async t => {
  const boss = await people('administrator')
  const shown = async (name: string, language: string) =>
    (
      await app.inject({
        url: `/lines/groups/${name}`,
        headers: { ...boss.headers, 'accept-language': language },
      })
    ).body
  const input = {
    ...{ mode: 'key', waitMs: 3_500, bargeIn: false, onRefused: { do: 'hangup' }, keys: { yes: '5' } },
    languages: [
      { language: 'ru', key: '1' },
      { language: 'en', key: '2' },
    ],
    purposes: [{ purpose: 'service', retentionDays: 20, legalBasis: 'Consent' }],
  }
  await proposeGroup(deps, anna, { name: 'empty', input })
  const body = await shown('empty', 'en')
  for (const [label, value] of [
    ['How it asks', 'asks for a key'],
    ['Wait for the answer, s', '3.5'],
    ['When a key counts', 'only after the prompt'],
    ['After a no', 'end the call'],
    ['Key for yes', '5'],
    ['Key for Russian', '1'],
    ['Choice of language', 'Russian, English'],
    ['purposes', 'service'],
    ['Kept for, days \\(purpose “service quality”\\)', '20'],
    ['Legal basis \\(purpose “service quality”\\)', 'Consent'],
  ] as const)
    t.match(
      body,
      new RegExp(`<th scope="row">${label}</th><td[^>]*>each line sets it</td><td[^>]*>${value}</td>`),
      label,
    )
  t.match(
    await shown('empty', 'ru'),
    /<th scope="row">Сколько ждать ответа, с<\/th><td[^>]*>каждая линия задаёт сама<\/td><td[^>]*>3,5</,
  )

  await changeGroup(deps, command, { name: 'empty', input }, directly)
  await proposeGroup(deps, anna, { name: 'empty', input: { ...input, waitMs: undefined, mode: 'notice' } })
  const changed = await shown('empty', 'en')
  t.match(changed, /Wait for the answer, s<\/th><td[^>]*>3\.5<\/td><td[^>]*>each line sets it</)
  t.match(changed, /How it asks<\/th><td[^>]*>asks for a key<\/td><td[^>]*>only gives notice</)
  t.notMatch(changed, /<th scope="row">Key for yes/, 'what stays is not listed')
})

t.test('what awaits a second person is found on the first page and among the lines', async t => {
  const boss = await people('administrator')
  const reader = await people('auditor')
  const body = async (url: string, { headers } = boss) =>
    (await app.inject({ url, headers: { ...headers, 'accept-language': 'en' } })).body
  await changeLines(deps, command, { ...labLines[1]!, number: '710' }, directly)
  const drafted = async (number: string, base: object) => {
    const { id: draft } = await beginDraft(deps, boris, { line: number, input: { ...base, number } })
    await requestApproval(deps, boris, { draft, revision: 1 })
    return draft
  }
  const drafts = [
    await drafted('710', { ...labLines[1]!, waitMs: 4_100 }),
    await drafted('711', labLines[1]!),
  ]
  await proposeGroup(deps, anna, { name: 'fresh', input: { waitMs: 4_000 } })
  const [now, lines, groups] = [await body('/now'), await body('/lines'), await body('/lines/groups')]
  for (const draft of drafts) {
    t.match(now, `/drafts/${draft}`)
    t.match(lines, new RegExp(`/drafts/${draft}".*?awaits approval`, 's'))
  }
  t.match(now, /A draft of line 710 awaits approval\. boris changed it last/)
  t.match(now, /A change of the group fresh awaits approval\. anna proposed it/)
  for (const page of [now, lines, groups]) t.match(page, '/lines/groups/fresh"')
  t.notMatch(await body('/now', reader), 'awaits approval', 'who may not approve is not asked to')
  t.match(await body('/lines', reader), '/lines/groups/fresh"')
  t.match(await body('/lines/groups/fresh', reader), /Awaits approval/, 'it can be looked at')

  const [draft] = drafts
  await approveDraft(deps, anna, { draft: draft!, revision: 1 })
  const publishAt = new Date(Date.now() + 86_400_000)
  await scheduleDraft(deps, anna, { draft: draft!, revision: 1, publishAt })
  t.match(await body('/lines'), publishAt.toISOString(), 'the time of a publication stands among the lines')
})

t.test('whoever has added a token does not approve what is proposed with it', async t => {
  await addToken(admin, person('Vera'), { name: 'crm', roles: ['administrator'], expiresAt: null })
  const crm: Actor = { name: 'crm', way: 'token', roles: ['administrator'] }
  const { id: proposal } = await proposeGroup(deps, crm, {
    name: 'sales',
    input: { ...shared, waitMs: 6_500 },
  })
  const seen = { name: 'sales', proposal }
  await t.rejects(approveGroup(deps, administrator('vera'), seen), {
    ...{ code: 'approval.required', message: /token crm, which you have added/ },
  })
  await withdrawProposal(deps, boris, seen)
})
