// Real: the check of messages, which is pure. Fake: the messages.
import fc from 'fast-check'
import t from 'tap'
import type { HearingTerms, SpokenAnswer } from '../../../../src/core/speech.js'
import {
  checkFromService,
  checkFromSpeech,
  type FromService,
  type FromSpeech,
  readSound,
  writeSound,
} from '../../../../src/speech/process/protocol.js'

const terms: HearingTerms = { language: 'ru', engine: 'vosk', threshold: 0.7 }
const answer: SpokenAnswer = {
  heard: 'yes',
  engine: 'vosk',
  ...{ model: 'server', terms, words: 'да' },
  ...{ scores: { yes: 0.9 }, beganMs: 100, endedMs: 600, decidedMs: 900 },
}
const fromService: FromService[] = [
  {
    t: 'start',
    settings: {
      host: '127.0.0.1',
      streams: 4,
      root: '/',
      vosk: { ru: 'ws://127.0.0.1:2700' },
      sherpa: { en: { kind: 'transducer', folder: '/srv/model' } },
    },
    wanted: [{ engine: 'vosk', language: 'ru' }],
  },
  { t: 'want', wanted: [] },
  { t: 'ping', count: 3 },
  { t: 'open', question: 1, terms },
  { t: 'open', question: 2, terms: { ...terms, keepYes: true } },
  { t: 'announce', question: 1, source: { address: '127.0.0.1', port: 10_000 } },
  { t: 'prompt-ended', question: 1 },
  { t: 'close', question: 1 },
]
const fromSpeech: FromSpeech[] = [
  { t: 'ready' },
  { t: 'engines', engines: [{ engine: 'sherpa', language: null, trouble: 'no model' }] },
  { t: 'pong', count: 3 },
  { t: 'opened', question: 1, port: 30_000 },
  { t: 'refused', question: 1, code: 'speech.busy', reason: 'busy' },
  { t: 'refused', question: 2, code: 'speech.not-set-up', reason: 'set CONSENTRY_VOSK_RU' },
  { t: 'speaking', question: 1 },
  { t: 'heard', question: 1, answer },
  { t: 'heard', question: 2, answer: { ...answer, needed: 0.85 } },
  { t: 'failed', question: 1, reason: 'speech.timeout' },
]

t.test('each message passes as it is', async t => {
  for (const message of fromService) t.strictSame(checkFromService(message), message)
  for (const message of fromSpeech) t.strictSame(checkFromSpeech(message), message)
})

t.test('a sound is the same after its way, and one that is longer than an answer is refused', async t => {
  const sound = Int16Array.from({ length: 20_000 }, (_, i) => ((i * 7_919) % 65_536) - 32_768)
  const part = sound.subarray(100, 19_999)
  const message = checkFromSpeech({ t: 'heard', question: 1, answer, sound: writeSound(part) })
  t.ok(message.t === 'heard' && message.sound)
  if (message.t === 'heard') t.strictSame([...readSound(message.sound!)], [...part])
  const long = writeSound(new Int16Array(80_000))
  t.throws(() => checkFromSpeech({ t: 'heard', question: 1, answer, sound: long }), {
    name: 'SpeechProtocolError',
  })
})

t.test('a message without one of its fields, or of the other side, is refused', async t => {
  for (const [own, check, other] of [
    [fromService, checkFromService, checkFromSpeech],
    [fromSpeech, checkFromSpeech, checkFromService],
  ] as const)
    for (const message of own) {
      t.throws(() => other(message), { name: 'SpeechProtocolError' }, `${message.t} of the other side`)
      for (const field of Object.keys(message))
        t.throws(() => check({ ...message, [field]: undefined }), `${message.t} without ${field}`)
    }
})

t.test('impossible values are refused, and what was said is not in the error', async t => {
  const wrong: object[] = [
    { t: 'heard', question: 1, answer: { ...answer, heard: 'perhaps', words: 'тайна' } },
    { t: 'heard', question: 1, answer: { ...answer, scores: { yes: 2 }, words: 'тайна' } },
    { t: 'heard', question: -1, answer },
    { t: 'opened', question: 1, port: 70_000 },
  ]
  for (const message of wrong)
    try {
      checkFromSpeech(message)
      t.fail('it passed')
    } catch (error) {
      t.notMatch(String(error), /тайна/)
    }
  t.throws(() => checkFromService({ t: 'announce', question: 1, source: { address: 'pbx', port: 1 } }))
})

t.test('fields that the protocol does not have are dropped', async t => {
  t.strictSame(checkFromService({ t: 'ping', count: 3, samples: [1, 2] }), { t: 'ping', count: 3 })
})

t.test('no other value passes', async t => {
  const check = fc.property(fc.anything(), value => {
    try {
      checkFromService(value)
      return false
    } catch {
      return true
    }
  })
  t.doesNotThrow(() => fc.assert(check, { numRuns: 500 }))
})
