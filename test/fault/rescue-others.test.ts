// Real: Asterisk, SIP callers and a phone, the service and its keeper, PostgreSQL, the command as a process, a second ARI application. Fake: none.
// A signal stops the service, or kills it, while the PBX has channels that are no callers in its care: a phone that hears a draft, and a recorded
// caller in another application.
// Long only: rescues beside other programs; `fault/keeper-rescue` has the usual ones.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { labLines } from '../../lab/lab-lines.js'
import { type AnsweredCall, Phone } from '../../lab/phone.js'
import { epochMs } from '../../lab/time.js'
import { LabApp } from '../call/lab-app.js'
import { exactly } from '../support/assertions/exactly.js'
import { matchEach } from '../support/assertions/match-each.js'
import { startCallLab } from '../support/lab/call-lab.js'
import {
  assertReachesAgent,
  dialAndGrant,
  dialIntoDisclosure,
  longLine,
  shortLine,
} from '../support/lab/fault-lab.js'
import { consentry } from '../support/processes/command.js'
import { scratch, until } from '../support/processes/database.js'

const NEIGHBOUR = 'neighbour'
const phone = await Phone.open()
t.teardown(() => phone.close())
const site = await startCallLab(t, {
  env: { CONSENTRY_RING_ENDPOINTS: phone.endpoint },
  lines: [shortLine('320'), longLine('302')],
  extensions: `
exten => 320,1,Gosub(consentry,s,1)
 same =>     n,Stasis(${NEIGHBOUR},\${EXTEN})
 same =>     n,Dial(Local/talk@lab-agent)
`,
})
const env = { ...site.lab.env, CONSENTRY_RING_ENDPOINTS: phone.endpoint }
const { pbx, service } = site.lab
const neighbour = await LabApp.open({ ...pbx, ari: { ...pbx.ari, app: NEIGHBOUR } })
t.teardown(() => neighbour.close())

/** A phone is rung and hears a draft. @returns its call, and the id of the trial */
async function hearDraft(): Promise<{ talk: AnsweredCall; trial: string }> {
  const file = join(await scratch(t), 'line.json')
  await writeFile(file, JSON.stringify({ ...labLines[1]!, number: '362' }))
  const by = ['--by', 'anna', '--json']
  const begun = await consentry(env, 'line', 'draft', 'new', '362', '--file', file, ...by)
  const { id } = JSON.parse(begun.out) as { id: string }
  const which = ['--revision', '1', '--endpoint', phone.endpoint]
  const rung = await consentry(env, 'line', 'ring', id, ...which, ...by)
  t.equal(rung.code, 0, rung.err)
  const talk = await phone.answer(await phone.waitForRing())
  await talk.heard.waitForAudio(60_000)
  return { talk, trial: (JSON.parse(rung.out) as { trial: string }).trial }
}

const endsOf = async (trial: string) =>
  (await site.db.selectFrom('event').select(['type', 'data']).where('type', '=', 'trial.ended').execute())
    .map(({ data }) => data)
    .filter(data => data['trial'] === trial)

/** Asserts that the trial has one end, and nothing became a call. */
async function assertNoCall(trial: string, t: Test, expected: object): Promise<void> {
  await until(async () => (await endsOf(trial)).length > 0)
  matchEach(t, await endsOf(trial), [expected])
  t.strictSame(await site.db.selectFrom('call').selectAll().execute(), [], 'it became no call')
  const rescues = await site.db
    .selectFrom('event')
    .select('data')
    .where('type', '=', 'call.rescued')
    .execute()
  t.strictSame(rescues, [], 'nor is it the rescue of one')
}

t.test('the keeper of a frozen service hangs the phone up, and sends it to nobody', async t => {
  const { talk, trial } = await hearDraft()
  service.kill('SIGSTOP')
  t.match(await talk.waitForEnd(), { by: 'pbx' })
  t.notMatch(await pbx.cli('core show channels'), /Local\/talk/, 'no agent is called')
  service.kill('SIGCONT')
  await assertNoCall(trial, t, { answered: true })
})

t.test('the service after a killed one hangs the phone up', async t => {
  const { talk, trial } = await hearDraft()
  service.kill('SIGKILL')
  t.match(await talk.waitForEnd(), { by: 'pbx' })
  await service.waitUntilReady()
  await assertNoCall(trial, t, { answered: true, decision: null })
})

t.test('a rescue does not take a recorded caller from another application', async t => {
  const talking = await dialAndGrant(site, '320')
  const { id } = await neighbour.arrival('320')
  const inPrompt = await dialIntoDisclosure(site, '302')
  // A successor knows only calls whose first event is committed.
  await inPrompt.waitForEvent('call.started')
  service.stopSupervising()
  service.kill('SIGKILL')
  await assertReachesAgent(t, site, inPrompt, epochMs())
  const play = { media: 'sound:silence/1' }
  await t.resolves(
    neighbour.rest('POST', `channels/${id}/play?${new URLSearchParams(play)}`),
    'the other application still has the channel',
  )

  service.start()
  await service.waitUntilReady()
  await inPrompt.waitForEvent('call.rescued')
  t.match(await neighbour.arrival('320'), { id }, 'the next service does not take the channel')
  const call = await talking.finish()
  t.match(call, { decision: 'granted', recordings: exactly({ state: 'finished' }) }, 'the recording goes on')
  t.notOk(call.events.some(({ type }) => type === 'call.rescued'))
})
