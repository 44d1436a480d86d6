// Real: everything. Folders are taken away while the service runs; a key is missing from its configuration.
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { CallTimeline } from '../../src/journal/read/timeline.js'
import { readMetric, waitForAlarm } from '../support/assertions/alarms.js'
import { startCallLab } from '../support/lab/call-lab.js'
import {
  assertEventOrder,
  assertReachesAgent,
  assertStoredParts,
  countEvents,
  dialAndGrant,
  dialIntoDisclosure,
  firstEvent,
  purpose,
  shortLine,
  timelineAfter,
} from '../support/lab/fault-lab.js'
import { PlacedCall } from '../support/lab/placed-call.js'

const site = await startCallLab(t, {
  lines: [
    shortLine('301'),
    shortLine('302', { purposes: [purpose('service'), purpose('marketing')] }),
    shortLine('303', { purposes: [purpose('marketing')] }),
  ],
  service: false,
})
const { service, ready } = site.lab
const store = join(ready.data, 'store')
const recipients = JSON.parse(await readFile(ready.recipients, 'utf8')) as { purpose: string }[]
const known = join(ready.data, 'lab', 'service-only.json')
await writeFile(known, JSON.stringify(recipients.filter(({ purpose }) => purpose === 'service')))
service.overrides = { ...service.overrides, CONSENTRY_RECIPIENTS: known }
service.start()
await service.waitUntilReady()

/** Puts a file where a folder was. Resolves with what puts the folder back. */
async function replace(folder: string): Promise<() => Promise<void>> {
  const aside = `${folder}.aside`
  await rename(folder, aside)
  await writeFile(folder, 'no folder')
  return async () => {
    await rm(folder)
    await rename(aside, folder)
  }
}

/** A yes that stands, and no recording. */
function notRecorded(t: Test, journal: CallTimeline, reason: string, failed = 'service'): void {
  t.match(journal, { decision: 'granted', purposes: [{ answer: 'granted' }] })
  t.strictSame(journal.recordings, [], 'nothing was recorded')
  t.equal(countEvents(journal, 'recording.failed'), 1, 'it failed once')
  t.match(firstEvent(journal, 'recording.failed'), { purpose: failed, reason })
}

t.test('a purpose without a key is not recorded, and takes nothing from the others', async t => {
  const [both, alone] = await Promise.all([dialIntoDisclosure(site, '302'), dialIntoDisclosure(site, '303')])
  await Promise.all([both, alone].map(call => call.caller.press('1')))
  const second = both.waitForQuestion().then(() => both.caller.press('1'))
  await Promise.all([
    assertReachesAgent(t, site, alone),
    second.then(() => assertReachesAgent(t, site, both)),
  ])

  const journal = await both.finish()
  t.match(journal.purposes, [{ answer: 'granted' }, { answer: 'granted' }])
  t.match(journal.recordings, [{ purpose: 'service', state: 'finished' }])
  t.equal(journal.recordings.length, 1, 'one recording')
  t.match(firstEvent(journal, 'recording.failed'), { purpose: 'marketing', reason: 'key.missing' })
  notRecorded(t, await timelineAfter(alone, 'call.released'), 'key.missing', 'marketing')
  await assertStoredParts(t, site, 1)
  const [raised] = await waitForAlarm(site, 'key-missing', true)
  t.match(raised, { data: { purpose: 'marketing' } })
})

for (const [name, folder, alarm, other] of [
  ['key store', ready.keys, 'keys-unwritable', 'store-unwritable'],
  ['disk store', store, 'store-unwritable', 'keys-unwritable'],
] as const) {
  t.test(`a ${name} that cannot be written means no recording, and the call goes on`, async t => {
    const call = await dialIntoDisclosure(site, '301')
    const giveBack = await replace(folder)
    await call.caller.press('1')
    await assertReachesAgent(t, site, call)
    const journal = await timelineAfter(call, 'call.released')
    notRecorded(t, journal, alarm.replace('-', '.'))
    assertEventOrder(t, journal, ['consent.answered', 'recording.failed', 'call.decided', 'call.released'])
    t.match(firstEvent(journal, 'call.released'), { tapped: false })
    await waitForAlarm(site, alarm, true)
    t.equal(await readMetric(site, `consentry_alarm{alarm="${other}"}`), 0, 'the other place is not blamed')
    const next = await PlacedCall.place(site, { number: '301' })
    await assertReachesAgent(t, site, next)
    const unasked = await timelineAfter(next, 'call.released')
    t.match(firstEvent(unasked, 'call.decided'), { decision: 'failed', reason: alarm })
    t.notOk(firstEvent(unasked, 'consent.asked'), 'who comes meanwhile is not asked')
    await giveBack()
    await waitForAlarm(site, alarm, false)
    await Promise.all([call.caller.hangup(), next.caller.hangup()])
    await assertStoredParts(t, site, 1)
  })
}

t.test('a disk store that fails before the first audio arrives leaves neither container nor key', async t => {
  const call = await dialAndGrant(site, '301')
  const giveBack = await replace(store)
  const journal = await timelineAfter(call, 'recording.failed')
  notRecorded(t, journal, 'store.unwritable')
  t.ok(await call.caller.heard.waitForAudio(30_000, -90), 'the call goes on')
  await giveBack()
  await waitForAlarm(site, 'store-unwritable', false)
  await assertStoredParts(t, site, 1)
  await call.caller.hangup()
})

t.test('with everything in its place again, calls are recorded as before', async t => {
  const call = await dialAndGrant(site, '301')
  await assertReachesAgent(t, site, call)
  t.match(await call.finish(), { recordings: [{ state: 'finished' }] })
  await assertStoredParts(t, site, 2)
  t.match(await site.verify(), { faults: [] })
})
