// Real: the room of the engines. Fake: the engines, the clock.
import t from 'tap'
import { AppError } from '../../../../src/core/errors.js'
import type { EngineLoaders } from '../../../../src/speech/engines.js'
import type { EngineState } from '../../../../src/speech/process/protocol.js'
import { EngineRoom } from '../../../../src/speech/process/run.js'
import type { SpeechSettings } from '../../../../src/speech/settings.js'
import { FakeClock } from '../../../support/fakes/fake-clock.js'
import { fakeRecognizer } from '../../../support/fakes/fake-recognizer.js'

const VOSK_RU = { engine: 'vosk', language: 'ru' } as const
const VOSK_EN = { engine: 'vosk', language: 'en' } as const
const SHERPA_RU = { engine: 'sherpa', language: 'ru' } as const
const recognizer = fakeRecognizer(() => ({ heard: 'yes', scores: {} }))

/** @param loaders an engine without one is loaded without a model */
function setUp(loaders: Partial<EngineLoaders>) {
  const states: EngineState[][] = []
  const none = async () => []
  const room = new EngineRoom(
    {} as SpeechSettings,
    { embedded: none, sherpa: none, vosk: none, ...loaders },
    new FakeClock(),
    now => void states.push(now),
  )
  return { room, states }
}

t.test('an engine that hears only another language is a trouble that names the setting', async t => {
  const { room, states } = setUp({ vosk: async () => [{ recognizer, languages: ['en'] }] })
  await room.start([VOSK_EN, VOSK_RU, SHERPA_RU])
  const messages = [
    'vosk does not hear ru: set CONSENTRY_VOSK_RU',
    'sherpa does not hear ru: set CONSENTRY_SHERPA_RU',
  ]
  const [vosk, sherpa] = messages.map(message => `the engine ${message}`)
  t.strictSame(states, [
    [
      { ...VOSK_EN, trouble: null },
      { ...VOSK_RU, trouble: vosk },
      { ...SHERPA_RU, trouble: sherpa },
    ],
  ])
  await t.rejects(room.find(VOSK_RU), { code: 'speech.not-set-up', message: vosk! })
  t.equal(await room.find(VOSK_EN), recognizer)
})

t.test('a language that no line needs is no trouble', async t => {
  const { room, states } = setUp({
    async vosk() {
      const away = async () => Promise.reject(new Error('away'))
      return [
        { recognizer, languages: ['ru'] },
        { recognizer: { ...recognizer, check: away }, languages: ['en'] },
      ]
    },
  })
  await room.start([VOSK_RU])
  t.strictSame(states, [[{ ...VOSK_RU, trouble: null }]])
})

t.test(
  'an engine that cannot be loaded is one trouble for all languages, and is away, not set up badly',
  async t => {
    const { room, states } = setUp({
      vosk: () => Promise.reject(new AppError('speech.unavailable', 'no memory')),
    })
    await room.start([VOSK_RU, VOSK_EN])
    t.strictSame(states, [[{ engine: 'vosk', language: null, trouble: 'no memory' }]])
    await t.rejects(room.find(VOSK_RU), { code: 'speech.unavailable', message: 'no memory' })
    await t.rejects(room.find(SHERPA_RU), { code: 'speech.unavailable' }, 'it is not loaded yet')
  },
)
