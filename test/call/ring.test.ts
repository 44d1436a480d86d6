// Real: Asterisk, a SIP phone, the service, its keeper and its console, PostgreSQL, the command as a process. Fake: none.
// A phone is rung, and hears a draft as a caller of its line would.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { labLines } from '../../lab/lab-lines.js'
import { Phone } from '../../lab/phone.js'
import { ringPhone } from '../../src/asterisk/telephony.js'
import { connectAri } from '../../src/asterisk/transport/ari-transport.js'
import { codeOf } from '../../src/core/errors.js'
import { newTrialId } from '../../src/core/ids.js'
import { Secret } from '../../src/core/secret.js'
import { trialChannelId } from '../../src/core/trial.js'
import { isHeard, waitUntilHeard } from '../support/assertions/heard-words.js'
import { matchEach } from '../support/assertions/match-each.js'
import { told } from '../support/data/told-events.js'
import { promptSamples, startCallLab, storedFiles } from '../support/lab/call-lab.js'
import { dialAndGrant, purpose, shortLine } from '../support/lab/fault-lab.js'
import { consentry } from '../support/processes/command.js'
import { scratch, until } from '../support/processes/database.js'

const HEARD_MS = 60_000

const phone = await Phone.open()
t.teardown(() => phone.close())
const silent = await Phone.open()
t.teardown(() => silent.close())
const endpoints = [phone.endpoint, silent.endpoint].join(', ')
const site = await startCallLab(t, {
  console: true,
  env: { CONSENTRY_RING_ENDPOINTS: endpoints },
  lines: [shortLine('360')],
})
const env = { ...site.lab.env, CONSENTRY_RING_ENDPOINTS: endpoints }
const file = join(await scratch(t), 'line.json')

/** Begins a draft. @returns its id */
async function draftOf(number: string, changes: object): Promise<string> {
  await writeFile(file, JSON.stringify({ ...labLines[1]!, ...shortLine(number), ...changes }))
  const begun = await consentry(env, 'line', 'draft', 'new', number, '--file', file, '--by', 'anna', '--json')
  t.equal(begun.code, 0, begun.err)
  return (JSON.parse(begun.out) as { id: string }).id
}

const ring = (draft: string, endpoint: string, by = 'anna') =>
  consentry(env, ...['line', 'ring', draft, '--revision', '1', '--endpoint', endpoint, '--by', by, '--json'])

const eventsOf = (type: 'trial.started' | 'trial.ended') =>
  told(site.db).select(['type', 'call_id', 'data']).where('type', '=', type).orderBy('id').execute()

/** Waits until the end of a trial is journalled. */
async function endOf(trial: string): Promise<Record<string, unknown>> {
  let found: Record<string, unknown> | undefined
  await until(async () => {
    found = (await eventsOf('trial.ended')).find(({ data }) => data['trial'] === trial)?.data
    return found !== undefined
  })
  return found!
}

const changes = {
  disclosure: 'disclosure-key',
  purposes: [purpose('service', { granted: 'granted' })],
}
const draft = await draftOf('361', changes)

t.test('the phone rings, hears the draft, says yes, hears the confirmation and is hung up', async t => {
  const rung = await ring(draft, phone.endpoint)
  t.equal(rung.code, 0, rung.err)
  const { trial } = JSON.parse(rung.out) as { trial: string }
  const call = await phone.waitForRing()
  t.match(call.caller, /361/, 'the phone shows the line')
  const again = await ring(draft, silent.endpoint)
  t.match(again, { code: 1, err: /rung for you already/ }, 'one at a time for each person')
  const talk = await phone.answer(call)
  t.ok(await waitUntilHeard(talk.heard, promptSamples('en', 'disclosure-key').subarray(0, 32_000), HEARD_MS))
  await talk.press('1')
  t.match(await talk.waitForEnd(), { by: 'pbx' }, 'it is hung up')
  t.ok(isHeard(talk.heard.samples(), promptSamples('en', 'granted')), 'the confirmation of the draft')

  matchEach(t, await eventsOf('trial.started'), [
    {
      call_id: null,
      data: { trial, by: 'anna', way: 'command', draft, line: '361', revision: 1, endpoint: phone.endpoint },
    },
  ])
  t.match(await endOf(trial), {
    ...{ answered: true, decision: 'granted', answers: [{ purpose: 'service', answer: 'granted' }] },
    heard: [
      { role: 'disclosure', prompt: 'disclosure-key', end: 'key' },
      { role: 'granted', prompt: 'granted', end: 'complete' },
    ],
  })
  t.equal((await endOf(trial))['reason'], undefined, 'nothing broke it off')
  t.strictSame(await storedFiles(site), { containers: [], keys: [] }, 'no container and no key file')
  for (const table of ['call', 'answer', 'recording'] as const)
    t.strictSame(await site.db.selectFrom(table).selectAll().execute(), [], `no row in ${table}`)
  const globals = await site.lab.pbx.cli('dialplan show globals')
  t.notMatch(globals, /CONSENTRY_OUTCOME/, 'the dialplan has no outcome')
  t.notMatch(await site.lab.pbx.cli('core show channels concise'), /MixMonitor|Dial/, 'nobody else is called')
})

t.test('a phone that is rung through the API refuses, and the trial ends', async t => {
  const token = await consentry(env, 'token', 'add', 'crm', '--role', 'administrator')
  const headers = { authorization: `Bearer ${token.out.trim()}`, 'content-type': 'application/json' }
  const api = `${site.lab.ready.console}/api/v1`
  const listed = await fetch(`${api}/ring-endpoints`, { headers })
  t.strictSame(await listed.json(), [phone.endpoint, silent.endpoint])
  const body = JSON.stringify({ revision: 1, endpoint: silent.endpoint })
  const answer = await fetch(`${api}/drafts/${draft}/ring`, { method: 'POST', headers, body })
  t.equal(answer.status, 202)
  const call = await silent.waitForRing()
  call.refuse('486 Busy Here')
  const { trial } = (await answer.json()) as { trial: string }
  t.match(await endOf(trial), { answered: false, decision: null, answers: [], heard: [], cause: 17 })
})

t.test('a phone that is not on the list is not rung', async t => {
  const other = 'PJSIP/caller/sip:boss@127.0.0.1:5060'
  t.match(await ring(draft, other), { code: 1, err: /may not be rung. These may: PJSIP\/caller/ })
  t.match(
    await consentry(
      { ...env, CONSENTRY_RING_ENDPOINTS: other },
      'line',
      'ring',
      draft,
      ...['--revision', '1', '--endpoint', other],
    ),
    {
      code: 1,
      err: /may not be rung/,
    },
    'the service looks itself',
  )
  t.equal((await eventsOf('trial.started')).length, 2)
})

t.test('a person hangs up, and of four phones within a minute at least one is not rung', async t => {
  const { rung } = silent
  const people = ['boris', 'maria', 'olga', 'peter']
  const answers = await Promise.all(people.map(by => ring(draft, silent.endpoint, by)))
  const refused = answers.filter(({ code }) => code !== 0)
  t.ok(refused.length > 0, 'the trials before may count, too')
  for (const { err } of refused) t.match(err, /At most 3 phones are rung in a minute: try again in \d+ s/)
  for (const { out } of answers.filter(({ code }) => code === 0)) {
    const talk = await silent.answer(await silent.waitForRing())
    await talk.heard.waitForAudio(HEARD_MS)
    await talk.hangup()
    const { trial } = JSON.parse(out) as { trial: string }
    t.match(await endOf(trial), { answered: true })
  }
  t.equal(silent.rung - rung, answers.length - refused.length, 'what is refused does not ring')
})

t.test('a call of a line is recorded as before', async t => {
  const call = await (await dialAndGrant(site, '360')).finish()
  t.equal(call.decision, 'granted')
  t.equal((await storedFiles(site)).keys.length, 1)
})

t.test('a PBX with the dialplan of an older version is told apart, and its phone is hung up', async t => {
  const { url, username, password, app } = site.lab.pbx.ari
  const ari = await connectAri({ url, username, password: new Secret(password) })
  await site.lab.pbx.cli('dialplan remove context consentry-trial')
  const channel = trialChannelId(newTrialId())
  const how = { channel, endpoint: silent.endpoint, line: '361', seconds: 30 }
  await t.rejects(ringPhone(ari, app, how), {
    code: 'ring.refused',
    message: /has no consentry-trial: include the asterisk\/consentry.conf/,
  })
  const isGone = (error: unknown) => codeOf(error) === 'pbx.gone'
  await until(() => ari.request('channels', 'get', { channelId: channel }).then(() => false, isGone))
})
