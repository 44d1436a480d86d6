// Real: the console's server, PostgreSQL with the console's role, the journal, HTTP. Fake: none.
import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { revokeSession } from '../../../src/accounts/sessions.js'
import { disableUser } from '../../../src/accounts/users.js'
import { event } from '../../../src/core/events.js'
import { newRecordingId } from '../../../src/core/ids.js'
import { decidedCall } from '../../support/browser/seed.js'
import { person } from '../../support/data/actors.js'
import { APPEND_LIMIT_MS, startTestJournal } from '../../support/data/journal.js'
import { testConsole } from '../../support/processes/console.js'
import { openStream, type StreamedEvent } from '../../support/processes/event-stream.js'

const { app, deps, admin, people, requests, serviceUrl, tokens } = await testConsole(t)
const url = `${await app.listen({ host: '127.0.0.1', port: 0 })}/now/events`
const journal = startTestJournal(t, serviceUrl)
const SIGNED_OUT = 'signed-out'

const read = (one: StreamedEvent | undefined) =>
  JSON.parse(one?.data || '{"parts":{}}') as { at: number; parts: Record<string, string> }

t.test(
  'whoever watches gets all parts, then those that change, and the connection is journalled once',
  async t => {
    const { headers, actor } = await people('operator')
    const known = (await requests()).length
    const stream = await openStream(t, url, { ...headers, 'accept-language': 'en' })
    t.equal(stream.status, 200)
    t.match(Object.fromEntries(stream.headers), {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
      'x-content-type-options': 'nosniff',
    })
    const first = read(await stream.next())
    t.strictSame(Object.keys(first.parts).sort(), [
      'now-attention',
      'now-calls',
      'now-figures',
      'now-headline',
      'now-time',
    ])
    t.match(first.parts['now-calls'], /No calls right now/)
    await journal.append(decidedCall(Date.now() - 60_000, 'granted', false), APPEND_LIMIT_MS)
    const second = read(await stream.next(one => read(one).parts['now-calls'] !== undefined))
    t.match(second.parts['now-calls'], /\+7……4567|4567/, 'the call, its number masked')
    t.notMatch(second.parts['now-calls'], /9161234567/)
    t.match(second.parts['now-calls'], /data-started="\d+"/)
    t.notOk('now-attention' in second.parts, 'what has not changed is not sent')
    await journal.append(
      [event('alarm.raised', null, Date.now(), { alarm: 'disk-low', detail: '<b>4 %</b> left' })],
      APPEND_LIMIT_MS,
    )
    const third = read(await stream.next(one => read(one).parts['now-attention'] !== undefined))
    t.match(third.parts['now-attention'], /The disk is nearly full.*&lt;b>4 %/s)
    t.match((await requests()).slice(known), {
      length: 1,
      0: { by: actor.name, action: 'now.follow', status: 200, session: actor.session },
    })
    stream.close()
  },
)

t.test('without news there is a sign of life within seconds', async t => {
  const { headers } = await people('auditor')
  const stream = await openStream(t, url, { ...headers })
  const first = read(await stream.next())
  const second = read(await stream.next())
  t.ok(second.at - first.at < 8_000, `${second.at - first.at} ms`)
  t.ok('now-time' in second.parts)
  // The ribbon moves with each minute.
  t.strictSame(
    Object.keys(second.parts).filter(part => !['now-time', 'now-figures'].includes(part)),
    [],
  )
  stream.close()
})

t.test('an alarm of a call names its line, its caller and its id', async t => {
  const begun = decidedCall(Date.now() - 60_000, 'granted', false)
  const call = begun[0]!.call!
  const silent = event('alarm.raised', call, Date.now(), {
    ...{ alarm: 'leg-silent', recording: newRecordingId(), leg: 'agent', detail: 'nothing is heard' },
  })
  await journal.append([...begun, silent], APPEND_LIMIT_MS)
  const { headers } = await people('auditor')
  const page = async (language: string) =>
    (await app.inject({ url: '/now', headers: { ...headers, 'accept-language': language } })).body
  t.match(await page('en'), new RegExp(`One side is silent</b>.*Line 700, [^<]*4567.*${call}`, 's'))
  t.match(await page('ru'), /Одна сторона молчит<\/b>.*Линия 700, [^<]*4567/s)
})

t.test('each gets the language and the time zone of the own view', async t => {
  const { headers } = await people('auditor')
  const partsIn = async (view: string) => {
    const cookie = `${headers.cookie}; consentry-view=${view}`
    const stream = await openStream(t, url, { ...headers, cookie })
    const { parts } = read(await stream.next())
    stream.close()
    return parts
  }
  const [ru, en] = await Promise.all([
    partsIn('language=ru&zone=Asia%2FVladivostok'),
    partsIn('language=en&zone=UTC'),
  ])
  t.match(ru['now-figures'], /Сегодня/)
  t.match(ru['now-time'], /GMT\+10/)
  t.match(en['now-figures'], /Today/)
  t.match(en['now-time'], /UTC|GMT/)
})

t.test('whose session is revoked, or who is disabled, is out within a second', async t => {
  for (const way of ['revoked', 'disabled'] as const) {
    const one = await people('supervisor')
    const other = await people('supervisor')
    const stream = await openStream(t, url, { ...one.headers })
    const untouched = await openStream(t, url, { ...other.headers })
    await stream.next()
    await untouched.next()
    if (way === 'revoked') await revokeSession(deps, one.actor, one.actor.session)
    else await disableUser(admin, person('anna'), one.actor.name)
    const ended = Date.now()
    t.match(await stream.next(({ event }) => event === SIGNED_OUT), { event: SIGNED_OUT }, way)
    // The machine of the tests is busy, so the limit that is checked is wider than the one that is promised.
    t.ok(Date.now() - ended < 4_000, `${Date.now() - ended} ms`)
    t.equal(await stream.next(), undefined, 'and the connection ends')
    t.equal((await untouched.next())?.event, 'message', 'nobody else is')
    untouched.close()
    const again = await openStream(t, url, { ...one.headers })
    t.match(again, { status: 303 })
  }
})

t.test(
  'watching does not count as a request, so that a forgotten page does not keep a session open',
  async t => {
    const { headers, actor } = await people('supervisor')
    const stream = await openStream(t, url, { ...headers })
    await stream.next()
    // As if the last request was half an hour ago.
    await deps.db
      .updateTable('user_session')
      .set({ seen_at: new Date(Date.now() - 1_800_000) })
      .where('id', '=', actor.session)
      .execute()
    t.match(await stream.next(({ event }) => event === SIGNED_OUT), { event: SIGNED_OUT })
  },
)

t.test('a session has six connections, and one that is closed makes room', async t => {
  const { headers } = await people('operator')
  const streams = await Promise.all(Array.from({ length: 6 }, () => openStream(t, url, { ...headers })))
  for (const stream of streams) t.equal((await stream.next())?.event, 'message')
  const one = await fetch(url, { headers: { ...headers } })
  t.equal(one.status, 429)
  t.match(await one.text(), /close some of them/)
  streams[0]!.close()
  for (;;) {
    const stream = await openStream(t, url, { ...headers })
    if (stream.status === 200) break
    // The server learns of the end a moment later.
    await pause(50)
  }
  for (const stream of streams) stream.close()
})

t.test('a program with a token does not watch', async t => {
  const { status } = await fetch(url, { headers: { authorization: tokens.operator } })
  t.equal(status, 403)
})

t.test('connections end when the console stops', async t => {
  const other = await testConsole(t)
  const address = `${await other.app.listen({ host: '127.0.0.1', port: 0 })}/now/events`
  const { headers } = await other.people('operator')
  const stream = await openStream(t, address, { ...headers })
  await stream.next()
  await other.app.close()
  t.equal(await stream.next(), undefined)
})
