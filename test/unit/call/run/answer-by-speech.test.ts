// Real: how answers are interpreted and committed. Fake: the journal.
import t from 'tap'
import { answerBySpeech, needsDisclosure } from '../../../../src/call/machine/question.js'
import { createCallAnswers } from '../../../../src/call/run/commit-answer.js'
import type { CallEvent } from '../../../../src/core/events.js'
import { newCallId } from '../../../../src/core/ids.js'
import { spokenAnswer } from '../../../support/data/call-facts.js'
import { keyLine, noticeLine, voiceLine } from '../../../support/data/policies.js'

t.test('a clear yes and a clear no are answers, on a line by voice alone', async t => {
  for (const [heard, answer] of [
    ['yes', 'granted'],
    ['no', 'refused'],
  ] as const) {
    const spoken = spokenAnswer(heard)
    t.strictSame(answerBySpeech(voiceLine, spoken, 7), { answer, how: 'voice', at: 7, spoken })
    for (const line of [keyLine, noticeLine, { ...voiceLine, mode: 'none' as const }])
      t.equal(answerBySpeech(line, spoken, 7), undefined, line.mode)
  }
  for (const heard of ['weak', 'unclear'] as const)
    t.equal(answerBySpeech(voiceLine, spokenAnswer(heard), 7), undefined, heard)
})

t.test('a no counts however it was heard, and a yes only as the line says', async t => {
  const terms = { language: 'en', engine: 'vosk', threshold: 0.7 } as const
  for (const more of [
    { reason: 'grammar' },
    { scores: { yes: 0.699 } },
    { scores: { yes: 0.84 }, needed: 0.85 },
    { engine: 'sherpa' },
    { terms: { ...terms, language: 'ru' } },
    { terms: { ...terms, engine: 'sherpa' } },
    { terms: { ...terms, threshold: 0.69 } },
  ] as const) {
    t.equal(answerBySpeech(voiceLine, spokenAnswer('yes', more), 7), undefined, JSON.stringify(more))
    t.match(answerBySpeech(voiceLine, spokenAnswer('no', more), 7), { answer: 'refused' })
  }
  t.ok(answerBySpeech(voiceLine, spokenAnswer('yes', { scores: {} }), 7), 'an engine may have no score')
  t.ok(answerBySpeech(voiceLine, spokenAnswer('yes', { scores: { yes: 0.7 } }), 7))
  t.ok(answerBySpeech(voiceLine, spokenAnswer('yes', { scores: { yes: 0.85 }, needed: 0.85 }), 7))
})

t.test('a key before the disclosure counts on a line by voice as on one by key', async t => {
  for (const line of [voiceLine, keyLine]) {
    t.ok(needsDisclosure(line, '1', 1))
    t.ok(needsDisclosure(line, '2', 2))
    t.notOk(needsDisclosure(line, '2', 1))
  }
})

t.test('an answer by voice is granted by its event, whose words are personal', async t => {
  const events: CallEvent[] = []
  const answers = createCallAnswers({
    append: async given => void events.push(...given),
    note: (...given) => void events.push(...given),
  })
  const spoken = spokenAnswer('yes', { words: 'yes' })
  const { grants, kept } = await answers.commit({
    ...{ call: newCallId(), purposes: voiceLine.purposes, answer: 'granted', method: 'voice', at: 7 },
    ...{ afterMs: 3, terms: { keys: '*9', onWithdraw: 'destroy', language: 'en' }, spoken },
  })
  t.strictSame(
    grants.map(({ purpose, basis }) => [purpose, basis.event]),
    events.map(one => [one.type === 'consent.answered' && one.data.purpose, one.id]),
  )
  t.equal(kept, undefined, 'it is kept only where the line says so')
  t.notMatch(JSON.stringify(events.map(({ data }) => data)), /"words"/)
  t.strictSame(
    events.map(({ personal }) => personal),
    [{ words: 'yes' }, { words: 'yes' }],
  )
})
