// Real: Asterisk, SIP callers who speak with a synthetic voice, the service with its keeper and its process for speech, the embedded
// engine, PostgreSQL. Fake: none.
// What hears a caller is killed, or stands still, while the caller answers. The caller is asked again, and nothing that was not heard
// becomes a yes.
// Long only: an engine that hangs or dies in a call; `call/voice` has one that answers.
import { readdir, readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { speakAll } from '../../lab/voice/speak.js'
import { findExtent } from '../../src/speech/embedded/extent.js'
import { matchEach } from '../support/assertions/match-each.js'
import { quickLine, quickPurpose } from '../support/data/quick-lines.js'
import { startCallLab } from '../support/lab/call-lab.js'
import { assertReachesAgent, countEvents, killAndRestart } from '../support/lab/fault-lab.js'
import { PlacedCall } from '../support/lab/placed-call.js'
import { until } from '../support/processes/database.js'

t.setTimeout(300_000)

const [spoken] = await speakAll({ program: 'flite', voice: 'rms' }, ['yes'])
/** From the first sound of the word on. */
const yes = spoken!.subarray(findExtent(spoken!).begin)
/** How far the caller is in the word when something is killed, ms. */
const MID_WORD_MS = 150
const site = await startCallLab(t, {
  env: { CONSENTRY_EAR_STREAMS: '20' },
  lines: [
    quickLine('301', {
      ...{ mode: 'voice-or-key', waitMs: 20_000, voice: { engine: 'embedded', experimental: true } },
      purposes: [quickPurpose('service', { question: 'question-voice' })],
    }),
  ],
})
const { service } = site.lab
/** How often the log says that callers are heard, and one more. */
let hearings = 2
await service.waitUntilHearing()

/** The process for speech of the service. */
async function speechProcess(): Promise<number> {
  for (const pid of (await readdir('/proc')).filter(name => /^\d+$/.test(name))) {
    const [stat, title] = await Promise.all(
      ['stat', 'cmdline'].map(file => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '')),
    )
    const parent = stat!.slice(stat!.lastIndexOf(')')).split(' ')[2]
    if (Number(parent) === service.pid && title!.startsWith('consentry speech')) return Number(pid)
  }
  throw new Error('there is no process for speech')
}

/** Calls, and waits for the end of the question that asks for speech. */
async function untilWaiting(): Promise<PlacedCall> {
  const call = await PlacedCall.place(site, { number: '301' })
  await call.waitForEvent('prompt.ended', ({ role, end }) => role === 'question' && end === 'complete')
  return call
}

for (const [signal, title] of [
  ['SIGKILL', 'killed'],
  ['SIGSTOP', 'stopped'],
] as const)
  t.test(
    `the process for speech is ${title} while the caller answers: asked by key, and a key counts`,
    async t => {
      const call = await untilWaiting()
      void call.caller.say(yes)
      await sleep(MID_WORD_MS)
      process.kill(await speechProcess(), signal)
      await call.waitForEvent('speech.lost')
      await call.waitForQuestion(2)
      await call.caller.press('1')
      await assertReachesAgent(t, site, call)
      const journal = await call.finish()
      t.match(journal, { decision: 'granted' })
      const told = journal.events.map(({ type, reason }) => (reason ? `${type} (${reason})` : type))
      matchEach(t, journal.recordings, [{ state: 'finished' }], told.join(', '))
      t.match(
        journal.events.find(({ type }) => type === 'consent.answered'),
        { method: 'key' },
      )
      t.match(
        journal.events.filter(({ role }) => role === 'question').at(-1),
        { prompt: 'question-by-key' },
        'the second question asks for a key',
      )
      await until(async () => (await service.log()).split('callers can answer by voice').length > hearings)
      hearings += 1
    },
  )

t.test(
  'the service is killed while the caller answers: asked again, and the answer is the one that follows',
  async t => {
    const call = await untilWaiting()
    void call.caller.say(yes.subarray(0, yes.length / 2))
    await sleep(MID_WORD_MS)
    await killAndRestart(site, 'SIGKILL')
    const { at } = await call.waitForEvent('prompt.ended', ({ role }) => role === 'apology')
    t.equal(countEvents((await call.read())!, 'consent.answered'), 0, 'nothing was answered before')
    const asked = await call.waitForEvent('consent.asked', event => event.at > at)
    await call.waitForEvent(
      'prompt.ended',
      ({ role, end, at }) => role === 'question' && end === 'complete' && at > asked.at,
    )
    await call.caller.press('2')
    await call.waitForEvent('call.released')
    const journal = await call.finish()
    t.match(journal, { decision: 'refused' })
    t.strictSame(journal.recordings, [])
  },
)

t.test('nothing is left on the PBX, and only what was granted is stored', async t => {
  const { url, username, password } = site.lab.pbx.ari
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
  const list = async (what: string) =>
    (await (await fetch(`${url}/ari/${what}`, { headers: { authorization } })).json()) as unknown[]
  await until(async () => (await list('channels')).length === 0)
  t.strictSame(await list('bridges'), [])
  const { checked, faults } = await site.verify()
  t.strictSame(faults, [])
  t.equal(checked.recordings, 2)
})
