// Real: Asterisk, SIP callers, the service and its keeper, PostgreSQL. Fake: none.
// Callers choose the language in which they are asked.
import t from 'tap'
import { AUDIBLE_DBFS } from '../../lab/media/received-audio.js'
import { isHeard, waitUntilHeard } from '../support/assertions/heard-words.js'
import { matchEach } from '../support/assertions/match-each.js'
import { promptSamples, startCallLab } from '../support/lab/call-lab.js'
import { shortLine } from '../support/lab/fault-lab.js'
import { PlacedCall } from '../support/lab/placed-call.js'

const HEARD_MS = 60_000
const languages = [
  { language: 'ru', key: '1' },
  { language: 'en', key: '2' },
]
const site = await startCallLab(t, { lines: [shortLine('630', { languages, waitMs: 1_000 })] })

const offers = (language: string) => promptSamples(language, 'choose-language')
const journalled = async (call: PlacedCall) => {
  const { events } = await call.finish()
  return {
    chosen: events.filter(({ type }) => type === 'call.language-chosen'),
    prompts: events.filter(({ type }) => type === 'prompt.ended'),
    answers: events.filter(({ type }) => type === 'consent.answered'),
  }
}

async function dial(): Promise<PlacedCall> {
  const call = await PlacedCall.place(site, { number: '630' })
  await call.caller.waitForAnswer()
  await call.caller.heard.waitForAudio(HEARD_MS, AUDIBLE_DBFS, call.caller.answeredAt)
  return call
}

t.test('a caller who presses at once hears the chosen language, and answers in it', async t => {
  const call = await dial()
  await call.caller.press('1')
  await call.waitForQuestion()
  await call.caller.press('1')
  await call.waitForEvent('call.released')
  const { heard } = call.caller
  t.ok(await waitUntilHeard(heard, promptSamples('ru', 'refused'), HEARD_MS), 'the disclosure in Russian')
  const { chosen, prompts, answers } = await journalled(call)
  matchEach(t, chosen, [{ language: 'ru', how: 'key' }])
  t.match(prompts[0], { role: 'language', prompt: 'choose-language', end: 'key' })
  t.match(prompts[1], { role: 'disclosure', text: 'Разговор не будет записан.' })
  matchEach(t, answers, [{ answer: 'granted', withdrawal: { language: 'ru' } }])
})

t.test('a caller who says nothing hears both offers, then the line’s own language', async t => {
  const call = await dial()
  await call.waitForEvent('call.released')
  const { chosen, prompts } = await journalled(call)
  matchEach(t, chosen, [{ language: 'en', how: 'silence' }])
  matchEach(
    t,
    prompts.map(({ role, text, end }) => ({ role, text, end })),
    [
      { role: 'language', text: /русского/, end: 'complete' },
      { role: 'language', text: /English/, end: 'complete' },
      { role: 'disclosure', text: 'This call will not be recorded.', end: 'complete' },
    ],
  )
  for (const language of ['ru', 'en'])
    t.ok(isHeard(call.caller.heard.samples(), offers(language)), `${language} is offered`)
})
