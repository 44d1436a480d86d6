// Real: Asterisk, a SIP phone that speaks, the service, PostgreSQL, ffmpeg, the command as a process. Fake: none.
// A prompt is recorded by telephone.
// Long only: a prompt spoken on a phone; `service/prompts` has prompts from files.
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { AUDIBLE_DBFS } from '../../lab/media/received-audio.js'
import { type AnsweredCall, Phone } from '../../lab/phone.js'
import { waitUntilHeard } from '../support/assertions/heard-words.js'
import { matchEach } from '../support/assertions/match-each.js'
import { told } from '../support/data/told-events.js'
import { promptSamples, startCallLab, storedFiles } from '../support/lab/call-lab.js'
import { consentry } from '../support/processes/command.js'
import { until } from '../support/processes/database.js'

const HEARD_MS = 60_000
/** Time until a phone is rung again, ms, where too many were rung within a minute. Each try starts the command. */
const AGAIN_MS = 4_000
const phone = await Phone.open()
t.teardown(() => phone.close())
const site = await startCallLab(t, { env: { CONSENTRY_RING_ENDPOINTS: phone.endpoint } })
const env = { ...site.lab.env, CONSENTRY_RING_ENDPOINTS: phone.endpoint }
/** What is spoken into the phone: another prompt. */
const words = promptSamples('en', 'question')

const heard = (talk: AnsweredCall, name: string, from?: number) =>
  waitUntilHeard(talk.heard, promptSamples('en', name).subarray(0, 16_000), HEARD_MS, from)

/** Rings the phone by the command, once fewer than three phones were rung within a minute. @returns the trial */
async function ring(by: string): Promise<string> {
  const args = ['record', 'refused', '--lang', 'en', '--ring', phone.endpoint, '--by', by, '--json']
  let rung = await consentry(env, 'prompt', ...args)
  for (; /At most 3 phones/.test(rung.err); rung = await consentry(env, 'prompt', ...args))
    await sleep(AGAIN_MS)
  if (rung.code !== 0) throw new Error(rung.err)
  return (JSON.parse(rung.out) as { trial: string }).trial
}

/** Rings the phone as another person each time. @returns the trial, and the answered call */
async function answer(by: string) {
  const trial = await ring(by)
  return { trial, talk: await phone.answer(await phone.waitForRing()) }
}

/** Waits until the end of a trial is journalled. */
async function endOf(trial: string): Promise<Record<string, unknown>> {
  let found: Record<string, unknown> | undefined
  await until(async () => {
    const ends = await told(site.db).select('data').where('type', '=', 'trial.ended').execute()
    found = ends.map(({ data }) => data as Record<string, unknown>).find(data => data['trial'] === trial)
    return found !== undefined
  })
  return found!
}

const versions = () => site.db.selectFrom('prompt_version').selectAll().orderBy('version').execute()

/** What is left of recordings on the PBX. */
const left = async (): Promise<string[]> =>
  readdir(join(site.lab.pbx.dir, 'spool', 'recording')).catch(() => [])

t.test('a person speaks a prompt, hears it, speaks it again and keeps it as a draft', async t => {
  const { trial, talk } = await answer('anna')
  t.ok(await heard(talk, 'record-speak'), 'what to do')
  await talk.heard.waitForQuiet(1_000, HEARD_MS, AUDIBLE_DBFS)
  await talk.say(words)
  await talk.press('#')
  t.ok(await waitUntilHeard(talk.heard, words, HEARD_MS), 'it is played back')
  t.ok(await heard(talk, 'record-review'))
  await talk.press('2')
  const again = Date.now()
  t.ok(await heard(talk, 'record-speak', again), 'once more')
  await talk.heard.waitForQuiet(1_000, HEARD_MS, AUDIBLE_DBFS)
  await talk.say(words)
  await talk.press('#')
  t.ok(await heard(talk, 'record-review', again))
  await talk.press('1')
  t.ok(await heard(talk, 'record-kept', again))
  t.match(await talk.waitForEnd(), { by: 'pbx' })

  const [draft, ...others] = await versions()
  t.equal(others.length, 0, 'one draft')
  t.match(draft, {
    ...{ name: 'refused', language: 'en', state: 'draft', made_how: 'telephone', made_by: 'anna' },
    text: 'This call will not be recorded.',
  })
  const lengthMs = words.length / 8
  t.ok(Math.abs(draft!.length_ms - lengthMs) < 600, `${draft!.length_ms} ms of ${lengthMs}`)
  t.ok(Math.abs(draft!.lufs + 19) <= 0.5, `${draft!.lufs} LUFS`)
  t.match(await endOf(trial), { answered: true, version: draft!.version, decision: null, answers: [] })
  const started = await told(site.db)
    .select(['call_id', 'data'])
    .where('type', '=', 'trial.started')
    .execute()
  matchEach(t, started, [{ call_id: null, data: { trial, by: 'anna', prompt: 'refused', language: 'en' } }])
  t.strictSame(await left(), [], 'the PBX has no file of it')
  t.strictSame(await storedFiles(site), { containers: [], keys: [] }, 'and it is no recording')
  t.strictSame(await site.db.selectFrom('call').selectAll().execute(), [], 'nor a call')
})

t.test('a person who hangs up while speaking leaves nothing', async t => {
  const { trial, talk } = await answer('boris')
  t.ok(await heard(talk, 'record-speak'))
  await talk.heard.waitForQuiet(1_000, HEARD_MS, AUDIBLE_DBFS)
  await talk.say(words.subarray(0, 16_000))
  await talk.hangup()
  const ended = await endOf(trial)
  t.match(ended, { answered: true })
  t.notOk('version' in ended)
  t.equal((await versions()).length, 1)
  await until(async () => (await left()).length === 0)
})

t.test('silence is no prompt, and may be spoken again', async t => {
  const { trial, talk } = await answer('maria')
  t.ok(await heard(talk, 'record-speak'))
  await talk.heard.waitForQuiet(1_000, HEARD_MS, AUDIBLE_DBFS)
  await talk.press('#')
  t.ok(await heard(talk, 'record-unusable'))
  await talk.hangup()
  t.notOk('version' in (await endOf(trial)))
  await until(async () => (await left()).length === 0)
})

t.test('a phone that is not answered records nothing', async t => {
  const trial = await ring('olga')
  const call = await phone.waitForRing()
  call.refuse('486 Busy Here')
  const ended = await endOf(trial)
  t.match(ended, { answered: false, cause: 17 })
  t.notOk('version' in ended)
  const other = await consentry(env, 'prompt', 'record', 'refused', '--lang', 'en', '--ring', 'PJSIP/boss')
  t.match(other, { code: 1, err: /may not be rung/ })
})
