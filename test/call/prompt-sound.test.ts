// Real: Asterisk, SIP callers on a-law, µ-law and G.722, the service, PostgreSQL, ffmpeg, flite. Fake: none.
// Prompts that were made here sound to callers as the shipped ones do.
// Long only: how prompts sound in each coding; `call/play-check` has that they are played.
import t from 'tap'
import type { PhoneCodec } from '../../lab/media/phone-codec.js'
import { readConfig } from '../../src/config/config.js'
import { systemClock } from '../../src/core/clock.js'
import { addPrompt, sayPrompt } from '../../src/lines/prompts/make-prompts.js'
import { publishPrompt } from '../../src/lines/prompts/publish-prompts.js'
import { matchEach } from '../support/assertions/match-each.js'
import { person } from '../support/data/actors.js'
import { encode, spokenPath } from '../support/data/hostile-sounds.js'
import { startTestJournal } from '../support/data/journal.js'
import { startCallLab } from '../support/lab/call-lab.js'
import { measureLateness, shortLine } from '../support/lab/fault-lab.js'
import { measurePrompts } from '../support/lab/heard-prompts.js'
import { PlacedCall } from '../support/lab/placed-call.js'
import { waitUntilInForce } from '../support/lab/prompt-in-force.js'
import { ffmpeg } from '../support/processes/ffmpeg.js'
import { useVoices } from '../support/processes/voices.js'

/** Greatest difference in loudness, LU. */
const MAX_DIFFERENCE = 1
/** Longest time to the first word of a prompt, ms. */
const BEGIN_MS = 100
/** From here on a sample is a burst: prompts are 3 dB below 32768. */
const FULL_SCALE = 32_000
/** Leading silence of the recording that is uploaded, ms. */
const LEADING_MS = 1_500

await useVoices()
// Both prompts replace shipped ones. A third one, which confirms, stays as it was shipped.
const [spoken, uploaded, shipped] = ['withdrawn-kept', 'interrupted', 'refused'] as const
const prompts = { question: uploaded, granted: shipped, refused: shipped }
const purposes = [{ purpose: 'service', retentionDays: 30, legalBasis: 'consent', prompts }]
const site = await startCallLab(t, {
  lines: [shortLine('620', { disclosure: spoken, purposes, waitMs: 1_000 })],
})
const deps = {
  ...{ db: site.db, clock: systemClock },
  journal: startTestJournal(t, site.lab.database.url),
  config: { ...readConfig(site.lab.env, 'tool'), ffmpeg },
}
const anna = person('anna')

const { prompt: said } = await sayPrompt(deps, anna, {
  ...{ name: spoken, language: 'en', engine: 'flite', voice: 'slt' },
  template: 'Good morning. It is a pleasure to hear you, whatever you may have to tell us.',
})
// Loud, up to just below full scale, in stereo, and with silence before the first word.
const loud = `loudnorm=I=-9:TP=-1,adelay=${LEADING_MS}:all=1`
const { prompt: added } = await addPrompt(deps, anna, {
  ...{
    name: uploaded,
    language: 'en',
    how: 'upload',
    template: 'Do you agree to all of this, or do you not?',
  },
  sound: await encode(t.testdir({}), 'loud.flac', '-i', spokenPath, '-af', loud, '-ac', '2', '-ar', '44100'),
})
for (const made of [said, added]) await publishPrompt(deps, anna, made)
await waitUntilInForce(site, 2)

/** What the journal has of the prompts of a call, in the order in which they were played. */
async function promptsOf(call: PlacedCall) {
  const { events } = await call.finish()
  return events
    .filter(({ type }) => type === 'prompt.ended')
    .map(event => event as unknown as { prompt: string; sha256: string; lengthMs: number; end: string })
}

for (const codec of ['alaw', 'ulaw', 'g722'] satisfies PhoneCodec[])
  t.test(`on ${codec} they are as loud, begin in time and end without a click`, async t => {
    const allowance = measureLateness()
    const call = await PlacedCall.place(site, { number: '620', codec })
    await call.caller.waitForAnswer()
    await call.waitForEvent('call.released')
    const journalled = await promptsOf(call)
    const lateMs = allowance()
    matchEach(t, journalled, [
      { prompt: spoken, sha256: said.sha256, end: 'complete' },
      { prompt: uploaded, sha256: added.sha256, end: 'complete' },
      { prompt: shipped, end: 'complete' },
    ])
    const heard = await measurePrompts(
      call.caller,
      codec,
      journalled.map(({ lengthMs }) => lengthMs),
    )
    const [first, second, third] = heard
    for (const [i, { lufs, leadMs, clicks, peak }] of heard.entries()) {
      const name = journalled[i]!.prompt
      const difference = lufs - third!.lufs
      t.ok(
        Math.abs(difference) <= MAX_DIFFERENCE,
        `${name}: ${difference.toFixed(2)} LU from the shipped one`,
      )
      t.ok(leadMs <= BEGIN_MS, `${name}: the first word after ${leadMs} ms of its sound`)
      t.ok(peak < FULL_SCALE, `${name}: the highest sample is ${peak}`)
      t.strictSame(clicks, [], `${name}: no click at its end`)
    }
    // The service orders a prompt when the PBX has answered, or has reported the end of the prompt before.
    const begins = [
      first!.firstAt + first!.leadMs - call.caller.answeredAt!,
      second!.firstAt + second!.leadMs - first!.lastAt - 20,
    ]
    for (const [i, ms] of begins.entries())
      t.ok(
        ms <= BEGIN_MS + lateMs,
        `${journalled[i]!.prompt}: heard ${Math.round(ms)} ms after ${i === 0 ? 'the answer' : 'the end of the former'}; processes may have been ${lateMs} ms late`,
      )
  })
