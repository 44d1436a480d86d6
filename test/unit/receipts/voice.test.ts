// Real: the conversation in a receipt. Fake: the leaves.
import t from 'tap'
import type { EventType, PersonalData } from '../../../src/core/events.js'
import { newCallId, newEventId } from '../../../src/core/ids.js'
import { evidenceOf } from '../../../src/core/speech-events.js'
import { conversationOf } from '../../../src/receipts/conversation.js'
import { spokenAnswer } from '../../support/data/call-facts.js'

const call = newCallId()
let id = 0
const at = '2026-01-31T09:30:00.000Z'
const entry = (type: EventType, data: Record<string, unknown>, personal?: PersonalData) => ({
  leaf: { at, call, data, id: ++id, type, uuid: newEventId() },
  personal,
})
const moment = (utc: string) => ({ utc, local: utc })
const answered = (method: string, more: object, personal?: PersonalData) =>
  entry(
    'consent.answered',
    {
      ...{ purpose: 'service', answer: 'granted', method, legalBasis: 'consent', retentionDays: 30 },
      ...{ afterMs: 900, ...more },
    },
    personal,
  )

t.test('a receipt says what was heard, and the words only while they are not erased', async t => {
  const voice = evidenceOf(spokenAnswer('yes'))
  const asked = entry('consent.asked', { purpose: 'service', attempt: 1 })
  const { answers } = conversationOf([asked, answered('voice', { voice }, { words: 'yes' })], moment)
  t.match(answers[0], { method: 'voice', words: 'yes', voice: { engine: 'vosk', class: 'yes' } })
  t.strictSame(answers[0]!.voice, voice)
  const [erased] = conversationOf([asked, answered('voice', { voice })], moment).answers
  t.notOk('words' in erased!)
  t.strictSame(erased!.voice, voice)
})

t.test('a receipt says that a key confirmed the spoken yes, and keeps both apart', async t => {
  const voice = evidenceOf(spokenAnswer('yes'))
  const more = { voice, confirmedBy: 'key', confirmedAfterMs: 2_500 }
  const { answers } = conversationOf([answered('voice', more, { digit: '1', words: 'yes' })], moment)
  t.match(answers[0], { method: 'voice', ...more, digit: '1', words: 'yes' })
})

t.test('a receipt says at each question which speech was no answer, and why nothing was heard', async t => {
  const voice = evidenceOf(spokenAnswer('unclear'))
  const { questions } = conversationOf(
    [
      entry('consent.asked', { purpose: 'service', attempt: 1 }),
      entry('speech.unsettled', { purpose: 'service', why: 'unclear', voice }),
      entry('consent.asked', { purpose: 'service', attempt: 2 }),
      entry('speech.lost', { purpose: 'service', reason: 'speech.failed' }),
      entry('consent.asked', { purpose: 'service', attempt: 3 }),
    ],
    moment,
  )
  t.strictSame(questions, [
    {
      ...{ purpose: 'service', attempt: 1, asked: moment(at) },
      unsettled: [{ why: 'unclear', voice, at: moment(at) }],
    },
    {
      ...{ purpose: 'service', attempt: 2, asked: moment(at) },
      speechLost: { reason: 'speech.failed', at: moment(at) },
    },
    { purpose: 'service', attempt: 3, asked: moment(at) },
  ])
})

t.test('an answer by key has none of this, as in receipts that were handed out before', async t => {
  const { answers } = conversationOf([answered('key', {}, { digit: '1' })], moment)
  t.notOk('voice' in answers[0]! || 'words' in answers[0]!)
})
