// Real: the console's server without a socket, PostgreSQL with the console's role, the journal. Fake: none.
import { createHash } from 'node:crypto'
import t from 'tap'
import { currentRules, publishRules } from '../../../src/accounts/rules.js'
import { listUsers } from '../../../src/accounts/users.js'
import { dayOf, systemClock } from '../../../src/core/clock.js'
import { matchEach } from '../../support/assertions/match-each.js'
import { person } from '../../support/data/actors.js'
import { testConsole } from '../../support/processes/console.js'
import { FORM } from '../../support/processes/console-routes.js'

const { app, deps, people, tokens } = await testConsole(t)
const boss = await people('administrator')
const maria = await people('supervisor')
const NOTICE = /Rules are in force that you have not acknowledged yet/

const page = async (url: string, headers: Record<string, string>) =>
  (await app.inject({ url, headers: { ...headers, accept: 'text/html' } })).body
const send = (url: string, { headers }: typeof boss, fields: Record<string, string>) =>
  app.inject({
    ...{ method: 'POST', url, headers: { ...headers, ...FORM } },
    payload: new URLSearchParams(fields).toString(),
  })

t.test('every page leads to rules that its visitor has not accepted, until they are', async t => {
  for (const url of ['/now', '/me', '/rules']) t.notMatch(await page(url, maria.headers), NOTICE, 'no rules')
  const published = await send('/people/rules', boss, {
    text: 'Hear only what you need.\r\nTell nobody.\r\n',
  })
  t.match(published, { statusCode: 303, headers: { location: '/people/rules' } })
  const version = createHash('sha256').update('Hear only what you need.\nTell nobody.').digest('hex')
  t.match(await currentRules(deps), { version }, 'the same text has one version, however it was sent')

  for (const url of ['/now', '/lines', '/prompts', '/me'])
    t.match(await page(url, maria.headers), NOTICE, url)
  t.notMatch(await page('/now', { authorization: tokens.supervisor }), NOTICE, 'a program accepts nothing')
  t.notMatch(await page('/sign-in', {}), NOTICE)
  const rules = await page('/rules', maria.headers)
  t.match(rules, /Hear only what you need\.\nTell nobody\./)
  t.notMatch(rules, NOTICE, 'the page itself need not lead there')
  t.match(
    await page('/people/rules', boss.headers),
    new RegExp(`Who has not acknowledged yet[\\s\\S]*<b>${maria.actor.name}</b>`),
  )

  t.equal((await send('/rules/acknowledge', maria, { version: 'a'.repeat(64) })).statusCode, 422)
  t.match(await page('/now', maria.headers), NOTICE)
  t.equal((await send('/rules/acknowledge', maria, { version })).statusCode, 303)
  t.notMatch(await page('/now', maria.headers), NOTICE)
  t.match(await page('/me', maria.headers), /Acknowledged:/)
  t.notMatch(await page('/people/rules', boss.headers), new RegExp(`<b>${maria.actor.name}</b>`))

  await publishRules(deps, person('anna'), 'Other rules')
  t.match(await page('/now', maria.headers), NOTICE, 'the next version is accepted again')
})

t.test('rules as long as may be pass through the form, and a text that is in force comes back', async t => {
  const text = 'Ж'.repeat(25_000)
  t.equal((await send('/people/rules', boss, { text })).statusCode, 303)
  t.match(await currentRules(deps), { text })
  // The same form of one session within a second would be one deed.
  const another = await people('administrator')
  for (const [refused, why] of [
    [text, /These rules are in force already/],
    [' ', /Rules have a text: write it/],
    ['Ж'.repeat(25_001), /Rules have at most 25000 characters: this text has 25001/],
  ] as const) {
    const answer = await send('/people/rules', another, { text: refused })
    t.match(answer, { statusCode: 422, body: why })
    t.ok(answer.body.includes(refused.trim()), 'what was typed is not lost')
  }
  const listed = await app.inject({
    url: '/api/v1/rules/versions',
    headers: { authorization: tokens.auditor },
  })
  matchEach(t, listed.json(), [
    { text, inForce: true, acknowledged: 0 },
    { inForce: false },
    { acknowledged: 1 },
  ])
})

t.test('a training is recorded by a form', async t => {
  const address = `/people/${maria.actor.name}/training`
  const tomorrow = dayOf(systemClock.now() + 86_400_000)
  for (const [on, why] of [
    [tomorrow, /The day of the training is yet to come/],
    ['1900-01-01', /more than 10 years ago/],
    ['2026-02-31', /give a day of the calendar/],
  ] as const) {
    const refused = await send(address, boss, { what: 'Course "A"', on })
    t.match(refused, { statusCode: 422, body: why })
    t.match(refused.body, /<details open[\s\S]*value="Course &quot;A&quot;"/, 'what was typed is not lost')
  }
  t.equal((await send(address, maria, { what: 'Course', on: '2026-01-31' })).statusCode, 403)
  t.equal((await send(address, boss, { what: 'Course of January', on: '2026-01-31' })).statusCode, 303)
  const users = await listUsers(deps)
  t.match(users.find(({ name }) => name === maria.actor.name)?.training, {
    what: 'Course of January',
    on: '2026-01-31',
  })
  t.match(await page('/people', boss.headers), /Course of January, <time datetime="2026-01-31"/i)
})

t.test('rules that somebody else has published meanwhile are shown before they are replaced', async t => {
  const seenOn = (body: string) => /name="seen" value="([0-9a-f]*)"/.exec(body)![1]!
  const seen = seenOn(await page('/people/rules', boss.headers))
  await publishRules(deps, person('boris'), 'Rules of Boris')
  const late = await send('/people/rules', boss, { text: 'Rules of the boss', seen })
  t.equal(late.statusCode, 409)
  t.match(late.body, /Rules of Boris[\s\S]*published other rules meanwhile[\s\S]*Rules of the boss/)
  t.match(await currentRules(deps), { text: 'Rules of Boris' })
  const again = await send('/people/rules', boss, { text: 'Rules of the boss', seen: seenOn(late.body) })
  t.equal(again.statusCode, 303)
  t.match(await currentRules(deps), { text: 'Rules of the boss' })
})
