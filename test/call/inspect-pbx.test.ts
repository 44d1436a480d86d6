// Real: Asterisk, SIP callers, the service, PostgreSQL, the command. Fake: none.
// The service says what it found at the PBX. To look into the dialplan leaves no call and no channel behind.
import { setTimeout } from 'node:timers/promises'
import t from 'tap'
import type { PbxReport } from '../../src/site/pbx.js'
import { readReadiness } from '../support/assertions/alarms.js'
import { startCallLab } from '../support/lab/call-lab.js'
import { dialIntoDisclosure } from '../support/lab/fault-lab.js'
import { consentry } from '../support/processes/command.js'
import { until } from '../support/processes/database.js'

const site = await startCallLab(t)
const { pbx } = site.lab

const report = async (): Promise<PbxReport> =>
  JSON.parse((await consentry(site.lab.env, 'pbx', '--json')).out)
const channels = async () => (await pbx.cli('core show channels concise')).trim()

t.test('a PBX that is set up has nothing to mend', async t => {
  const { code, out } = await consentry(site.lab.env, 'pbx')
  t.match({ code, out }, { code: 0, out: /Asterisk \d+\.\S+ at http:\S+\n.*is registered.*\n.*includes/ })
  t.match(out, /It has handed no call over yet/)
  t.match(await report(), {
    ...{ connected: true, reason: null, registered: true, included: true, lastCallAt: null },
    ...{ app: 'consentry', url: site.lab.ready.ari },
  })
  // The service has the PBX write a tone to nobody, some seconds after its start.
  await until(async () => (await channels()) === '')
  t.equal(await channels(), '', 'no channel is left')
  const calls = await site.db.selectFrom('call').select('id').execute()
  t.strictSame(calls, [], 'and no call was seen')
})

t.test('after a call it is known that the dialplan hands calls over', async t => {
  const placed = await dialIntoDisclosure(site, '101')
  await placed.finish()
  t.match(await report(), { lastCallAt: /^\d{4}-/ })
})

t.test('a dialplan without consentry.conf is found', async t => {
  await pbx.cli('dialplan remove context consentry-trial')
  t.match(await report(), { connected: true, included: false })
  const { code, out } = await consentry(site.lab.env, 'pbx')
  t.match({ code, out }, { code: 1, out: /copy \S+\/entry\.conf .*#include consentry-extensions\.conf/ })
  await pbx.cli('dialplan reload')
})

t.test('a PBX that answers too late keeps no channel that was made to ask it', async t => {
  pbx.kill('SIGSTOP')
  const asked = report()
  // Longer than an order waits for its answer, and shorter than a connection waits for anything.
  await setTimeout(3_000)
  pbx.kill('SIGCONT')
  t.match(await asked, { connected: true, included: null }, 'the dialplan was not asked')
  await until(async () => (await channels()) === '')
})

t.test('a PBX that is away is said to be so, with what to check', async t => {
  pbx.kill('SIGKILL')
  await until(async () => (await readReadiness(site)).parts['pbx'] === false)
  t.match(await report(), { connected: false, reason: /ARI_URL/, version: null, included: null })
  await pbx.restart()
})
