// Real: the conversation in a receipt. Fake: the leaves.
import t from 'tap'
import type { EventType } from '../../../src/core/events.js'
import { newCallId, newEventId } from '../../../src/core/ids.js'
import { conversationOf } from '../../../src/receipts/conversation.js'

const call = newCallId()
let id = 0
const entry = (type: EventType, data: Record<string, unknown>) => ({
  leaf: { at: '2026-01-31T09:30:00.000Z', call, data, id: ++id, type, uuid: newEventId() },
  personal: undefined,
})
const moment = (at: string) => ({ utc: at, local: at })
const offered = (text: string, end: string) =>
  entry('prompt.ended', {
    ...{ role: 'language', prompt: 'choose-language', version: 1, text, sha256: 'aa' },
    ...{ lengthMs: 1_500, heardMs: 700, end },
  })

t.test('a receipt has the choice of a language, with the words that were heard', async t => {
  const events = [
    offered('Для русского языка нажмите один.', 'complete'),
    offered('For English, press two.', 'key'),
    entry('call.language-chosen', { language: 'en', how: 'key' }),
  ]
  t.match(conversationOf(events, moment).languageChoice, {
    offers: [{ text: 'Для русского языка нажмите один.' }, { text: 'For English, press two.', end: 'key' }],
    chosen: { language: 'en', how: 'key' },
  })
})

t.test('a receipt of a line that offers none has no such member', async t => {
  t.notOk('languageChoice' in conversationOf([], moment))
})
