// Real: the embedded engine around its parts. Fake: the net, pocketsphinx, the clock.
import t from 'tap'
import { silence } from '../../../lab/audio/signals.js'
import { EmbeddedRecognizer } from '../../../src/speech/embedded/embedded.js'
import type { Grammar } from '../../../src/speech/embedded/grammar.js'
import { openSphinx } from '../../../src/speech/embedded/sphinx.js'
import { FakeClock } from '../../support/fakes/fake-clock.js'
import { fakeSphinxLibrary } from '../../support/fakes/fake-sphinx-library.js'

const grammar: Grammar = { name: 'one', words: {}, text: '', answer: () => 'yes' }

/** An engine of English whose net hears a yes. */
async function setUp() {
  const clock = new FakeClock()
  const { library, running } = fakeSphinxLibrary()
  /** What the net does, and how often it was asked. */
  const net = { failure: undefined as Error | undefined, asked: 0 }
  const languages = new Map([
    [
      'en' as const,
      {
        grammar,
        net: {
          async classify() {
            net.asked++
            if (net.failure) throw net.failure
            return { yes: 1, no: 0, weak: 0, other: 0 }
          },
          async close() {},
        },
      },
    ],
  ])
  const sphinx = await openSphinx(library, '/model', [grammar], clock)
  const recognizer = new EmbeddedRecognizer({ sphinx, languages }, 'model', clock)
  const decoded = async () => {
    for (const finish of running.splice(0)) finish()
    await clock.advanceAndWait(0)
  }
  return { clock, net, running, recognizer, decoded }
}

t.test('a check has both parts recognise silence, and holds for five seconds', async t => {
  const { clock, net, running, recognizer, decoded } = await setUp()
  for (const asked of [1, 2]) {
    const checks = [recognizer.check('en'), recognizer.check('en')]
    await clock.advanceAndWait(0)
    t.equal(running.length, 1, 'pocketsphinx has silence to decode')
    await decoded()
    await Promise.all(checks)
    await clock.advanceAndWait(4_999)
    await recognizer.check('en')
    t.equal(net.asked, asked)
    await clock.advanceAndWait(1)
  }
  await t.rejects(recognizer.check('ru'), { code: 'speech.unavailable' })
})

t.test('an engine that fails or hangs is away until it recognises again', async t => {
  const { clock, net, recognizer, decoded } = await setUp()
  net.failure = new Error('no memory')
  const failing = recognizer.check('en')
  await t.rejects(failing, { code: 'speech.unavailable', message: /no memory/ })
  net.failure = undefined
  await t.rejects(recognizer.check('en'), { message: /no memory/ }, 'the failure holds for a second')
  await decoded()
  await clock.advanceAndWait(1_000)

  const refused = t.rejects(recognizer.check('en'), {
    code: 'speech.unavailable',
    message: /no result within 800 ms/,
  })
  await clock.advanceAndWait(800)
  await refused
  await decoded()
  await clock.advanceAndWait(1_000)

  const mended = recognizer.check('en')
  await clock.advanceAndWait(0)
  await decoded()
  await t.resolves(mended)
})

t.test(
  'an utterance whose decoding hangs fails after two seconds, and after five the engine is stuck',
  async t => {
    const { clock, recognizer, decoded } = await setUp()
    const stream = recognizer.open('en', 0.7)
    stream.write(silence(400))
    const recognized = stream.finish(true)
    let failed = false
    recognized.catch(() => {
      failed = true
    })
    await clock.advanceAndWait(1_999)
    t.notOk(failed)
    await clock.advanceAndWait(1)
    await t.rejects(recognized, { code: 'speech.timeout' })
    t.notOk(recognizer.isStuck)
    await clock.advanceAndWait(3_000)
    t.ok(recognizer.isStuck)
    await decoded()
    t.notOk(recognizer.isStuck, 'it was only very slow')
    t.equal(clock.timers, 0)
  },
)
