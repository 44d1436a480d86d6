// Real: the deadlines and the CSV. Fake: none.
import t from 'tap'
import {
  type IncidentItem,
  incidentCsv,
  noticeDeadlines,
} from '../../../src/rights/incident/incident-rows.js'
import { matchEach } from '../../support/assertions/match-each.js'

const HOUR = 3_600_000
const noticed = new Date('2026-03-06T22:15:00Z')
const after = (hours: number) => new Date(noticed.getTime() + hours * HOUR)

t.test('deadlines are 24 and 72 hours after the incident was noticed, also over a weekend', async t => {
  const at = (hours: number) =>
    noticeDeadlines(noticed, after(hours)).map(({ remainingMs }) => remainingMs / HOUR)
  matchEach(t, noticeDeadlines(noticed, noticed), [
    { name: 'initial', hours: 24, dueAt: new Date('2026-03-07T22:15:00Z') },
    { name: 'result', hours: 72, dueAt: new Date('2026-03-09T22:15:00Z') },
  ])
  t.same(at(0), [24, 72])
  t.same(at(24), [0, 48])
  t.same(at(25), [-1, 47])
  t.same(at(100), [-76, -28])
})

t.test('daylight saving time does not change the deadlines', async t => {
  const [initial] = noticeDeadlines(new Date('2026-03-28T12:00:00+01:00'), noticed)
  t.equal(initial!.dueAt.toISOString(), '2026-03-29T11:00:00.000Z')
})

t.test('CSV fields are quoted if needed, and never run as formulas in a spreadsheet', async t => {
  const item = (person: string): IncidentItem => ({
    person,
    call: 'c',
    recording: 'r',
    purpose: 'service',
    recordedAt: noticed,
    state: 'finished',
  })
  let text = ''
  const hostile = ['+79001234567', '=HYPERLINK("x")', '@sum', '+1+cmd', '-7', 'a,b', '']
  for await (const piece of incidentCsv(hostile.map(item))) text += piece
  const lines = text.split('\r\n')
  t.equal(lines[0], 'person,call,recording,purpose,recordedAt,state')
  const rest = ',c,r,service,2026-03-06T22:15:00.000Z,finished'
  t.ok(lines.slice(1, -1).every(line => line.endsWith(rest)))
  t.same(
    lines.slice(1, -1).map(line => line.slice(0, -rest.length)),
    ['+79001234567', '"\'=HYPERLINK(""x"")"', "'@sum", "'+1+cmd", '-7', '"a,b"', ''],
  )
})
