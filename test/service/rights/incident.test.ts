// Real: PostgreSQL, journal, the command. Fake: the calls, which only their events describe.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { systemClock } from '../../../src/core/clock.js'
import type { CallEvent } from '../../../src/core/events.js'
import { newCallId, newRecordingId } from '../../../src/core/ids.js'
import { startJournal } from '../../../src/journal/journal.js'
import {
  findIncident,
  type IncidentScope,
  listIncidentItems,
  listIncidents,
} from '../../../src/rights/incident/incident-rows.js'
import { noticeDocument } from '../../../src/rights/incident/notice.js'
import { closeIncident, openIncident } from '../../../src/rights/incidents.js'
import { exactly } from '../../support/assertions/exactly.js'
import { person } from '../../support/data/actors.js'
import { recordedCall, STARTED } from '../../support/data/call-events.js'
import { journalAct } from '../../support/data/journalled-act.js'
import { consentry } from '../../support/processes/command.js'
import { scratch, silent, testDatabase } from '../../support/processes/database.js'

const { db, server, asOwner } = await testDatabase(t)
const journal = startJournal(server.url, silent)
t.teardown(() => journal.stop())
const deps = { db, journal, clock: systemClock, day: { dateDoubt: async () => undefined } }

/** Two calls of Anna, one of Boris, one without a number, and one of Vera that is destroyed already. */
const callOf = (caller: string) => {
  const call = recordedCall()
  call.events[0]!.personal!.caller = caller
  return call
}
const [anna1, anna2, boris, nobody] = ['+79000000001', '+79000000001', '+79000000002', ''].map(callOf)
const calls = [anna1!, anna2!, boris!, nobody!]
await journal.append(
  calls.flatMap(({ events }) => events),
  60_000,
)
const vera = (await journalAct(db, journal, { number: 1, callers: ['+79000000003'] })).calls[0]!
const noticedAt = new Date(Date.now() - 3_600_000)
const open = (concerned: IncidentScope, what = 'A disk with copies was lost') =>
  openIncident(deps, person('petrova'), { what, noticedAt, concerned })
const concernedIn = async (incident: string) =>
  (await listIncidentItems(db, incident)).map(({ person, recording }) => `${person} ${recording}`).sort()
const expected = (...those: { recording: string; events: CallEvent[] }[]) =>
  those.map(({ recording, events }) => `${events[0]!.personal!.caller} ${recording}`).sort()

t.test('each way to name recordings gives exactly the right list', async t => {
  const byRecording = await open({ recordings: [anna1!.recording, boris!.recording] })
  t.match(byRecording, { recordings: 2, persons: 2 })
  t.same(await concernedIn(byRecording.incident), expected(anna1!, boris!))

  const byCall = await open({ calls: [anna1!.call, anna2!.call] })
  t.match(byCall, { recordings: 2, persons: 1 })
  t.same(await concernedIn(byCall.incident), expected(anna1!, anna2!))

  const byNumber = await open({ numbers: ['+79000000001', '+79000000003'] })
  t.match(byNumber, { recordings: 3, persons: 2 })
  t.same(await concernedIn(byNumber.incident), expected(anna1!, anna2!, vera))

  const day = { from: new Date(STARTED - 60_000), to: new Date(STARTED + 60_000) }
  const byPeriod = await open(day)
  t.match(
    byPeriod,
    { recordings: 5, persons: 4 },
    'recordings that are destroyed now are listed, because they may have got out before',
  )
  t.same(await concernedIn(byPeriod.incident), expected(...calls, vera))
  t.match(await open({ ...day, purpose: 'service' }), { recordings: 5 })
  await t.rejects(open({ ...day, purpose: 'marketing' }), { code: 'not-found' })
})

t.test('a wrong id is refused, and no incident is opened', async t => {
  const before = (await listIncidents(db)).length
  for (const concerned of [
    { recordings: [anna1!.recording, newRecordingId()] },
    { calls: [newCallId()] },
    { calls: ["'; drop table call; --"] },
    { numbers: ['+70000000000'] },
    { from: new Date(0), to: new Date(1) },
  ])
    await t.rejects(open(concerned), { code: 'not-found' })
  t.equal((await listIncidents(db)).length, before)
})

t.test('the list stays after an erasure, and the journal names nobody', async t => {
  const { incident, number } = await open({ calls: [boris!.call] })
  await asOwner.query("delete from event_personal where data ->> 'caller' = '+79000000002'")
  t.same(await concernedIn(incident), expected(boris!))
  const { rows } = await asOwner.query<{ data: object }>(
    `select event.data || p.data as data from event join event_personal p on p.event = uuid
     where type = 'incident.opened' and event.data ->> 'incident' = $1`,
    [incident],
  )
  t.match(
    rows,
    exactly({ data: { number, recordings: 1, by: 'petrova', noticedAt: noticedAt.toISOString() } }),
  )
  t.notMatch(JSON.stringify(rows), /7900000/)
})

t.test('an incident can be closed once', async t => {
  const { incident, number } = await open({ calls: [anna1!.call] })
  await closeIncident(deps, person('ivanov'), incident)
  t.match(await findIncident(db, String(number)), { closedBy: 'ivanov', closedAt: Date })
  await t.rejects(closeIncident(deps, person('ivanov'), incident), { code: 'not-found' })
  t.equal((await asOwner.query("select from event where type = 'incident.closed'")).rows.length, 1)
})

t.test('notices say what the law requires', async t => {
  const hostile = 'Lost <script>alert(1)</script>'
  const { number } = await open({ numbers: ['+79000000001', '+79000000003'] }, hostile)
  const operator = {
    name: 'ООО «Пример»',
    address: 'Москва',
    officer: { name: 'Иванова И. И.', position: 'специалист', contact: '+7 495 000-00-00' },
  }
  const notice = async (language: 'ru' | 'en') => {
    let text = ''
    for await (const piece of noticeDocument(db, await findIncident(db, String(number)), language, operator))
      text += piece
    t.notMatch(text, /<script/)
    t.notMatch(text, /7900000000/, 'people are counted, not named')
    return text.replaceAll(/<[^>]+>/g, ' ').replaceAll(/[\s\u00a0]+/g, ' ')
  }
  const ru = await notice('ru')
  for (const field of [
    /ПЕРВИЧНОЕ УВЕДОМЛЕНИЕ.*в течение 24 часов.*ДОПОЛНИТЕЛЬНОЕ УВЕДОМЛЕНИЕ.*в течение 72 часов/,
    /части 3\.1 статьи 21/,
    /Сведения о произошедшем инциденте Lost/,
    /Предполагаемые причины, повлекшие нарушение прав/,
    /Предполагаемый вред/,
    /Принятые меры по устранению последствий/,
    /уполномоченное .* специалист Иванова И\. И\., \+7 495/,
    /Абоненты, звонившие оператору\. Всего 2 абонента, 3 вызова, 3 записи, из них уничтожено к моменту составления: 1/,
    /Результаты внутреннего расследования/,
    /Лица, действия которых стали причиной/,
  ])
    t.match(ru, field)
  const en = await notice('en')
  for (const field of [
    /Article 33 of Regulation \(EU\) 2016\/679/,
    /within 72 hours/,
    /Nature of the breach \(a\) Lost/,
    /number of data subjects \(a\) 2 callers of the controller\./,
    /3 recordings of 3 calls/,
    /contact point \(b\) специалист Иванова/,
    /Likely consequences of the breach \(c\)/,
    /Measures taken or proposed.*\(d\)/,
    /reasons for the delay/,
  ])
    t.match(en, field)
})

t.test('the command opens, lists, shows, writes and closes', async t => {
  const dir = await scratch(t)
  const run = (...args: string[]) =>
    consentry({ DATABASE_URL: server.url, CONSENTRY_DATA: dir }, 'incident', ...args)
  const noticed = ['--noticed', noticedAt.toISOString()]
  const opened = await run('open', '--what', 'leak', ...noticed, '--number', '+79000000001', '--json')
  t.equal(opened.code, 0, opened.err)
  const { number } = JSON.parse(opened.out)
  t.match(JSON.parse(opened.out), {
    recordings: 2,
    persons: 1,
    clocks: exactly({ hours: 24 }, { hours: 72 }),
  })
  t.match(await run('list'), { code: 0, out: /leak.*24 h, by .* left/s })
  t.match(await run('show', String(number)), { code: 0, out: /2 recordings of 1 person/ })
  t.match(await run('show', String(number), '--csv'), { code: 0, out: /\n\+79000000001,/ })
  const notice = join(dir, 'notice.html')
  t.match(await run('show', String(number), '--notice', 'ru', '-o', notice), { code: 0 })
  t.match(readFileSync(notice, 'utf8'), /ПЕРВИЧНОЕ/)
  t.match(await run('close', String(number)), { code: 0, out: /closed/ })
  t.match(await run('close', String(number)), { code: 1 })
  t.match(await run('open', '--what', 'x'), { code: 2, err: /--recording/ })
  t.match(await run('open', '--what', 'x', '--call', 'a', '--number', 'b'), { code: 2 })
  t.match(await run('open', '--what', 'x', '--noticed', '2999-01-01', '--number', 'b'), {
    code: 1,
    err: /future/,
  })
})
