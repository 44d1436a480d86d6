// Real: the WebSocket and both ends of the protocol. Fake: the model of the server.
import t, { type Test } from 'tap'
import { tone } from '../../../lab/audio/signals.js'
import { LOOPBACK } from '../../../lab/ports.js'
import { systemClock } from '../../../src/core/clock.js'
import { loadVosk, VoskRecognizer } from '../../../src/speech/vosk/vosk-recognizer.js'
import { matchEach } from '../../support/assertions/match-each.js'
import { until } from '../../support/processes/database.js'
import { startVoskServer, type VoskScript } from '../../support/processes/vosk-server.js'

const SAID = tone([400], 500)

async function setUp(t: Test, script: VoskScript, streams = 4) {
  const server = await startVoskServer(t, script)
  const recognizer = new VoskRecognizer(server.url, streams, systemClock)
  t.teardown(() => recognizer.close())
  return { ...server, recognizer }
}

/** Has an utterance recognised, in pieces of 20 ms. */
async function say(recognizer: VoskRecognizer, threshold = 0.7) {
  const stream = recognizer.open('ru', threshold)
  for (let at = 0; at < SAID.length; at += 160) stream.write(SAID.subarray(at, at + 160))
  return stream.finish(true)
}

t.test('the server gets the configuration, all samples as 16-bit, and the exact end', async t => {
  const { recognizer, heard } = await setUp(t, { final: { text: 'да', conf: [0.93] } })
  t.strictSame(await say(recognizer), { heard: 'yes', scores: { words: 0.93 }, needed: 0.7, words: 'да' })
  await matchEach(t, heard, [{ config: { config: { sample_rate: 8_000 } }, eof: true }])
  t.strictSame(
    Object.keys((heard[0]!.config as { config: object }).config),
    ['sample_rate'],
    'no list of phrases',
  )
  t.strictSame(heard[0]!.bytes, Buffer.from(SAID.buffer, SAID.byteOffset, SAID.byteLength))
  t.equal(recognizer.model, 'server', 'the journal publishes no address')
})

t.test('the words of all results count, so that a no after an endpoint wins', async t => {
  const { recognizer, state } = await setUp(t, {
    endpoints: [{ bytes: 3_000, text: 'да' }],
    final: { text: 'не согласен', conf: [0.9, 0.8] },
  })
  t.match(await say(recognizer), { heard: 'no', words: 'да не согласен', scores: { words: 0.8 } })
  state.script = { endpoints: [{ bytes: 3_000, text: 'да' }], final: { text: '' } }
  t.match(await say(recognizer), { heard: 'yes', words: 'да' })
  state.script = { ...state.script, fault: 'closes-before-last' }
  await t.rejects(say(recognizer), { code: 'speech.failed' }, 'a result without the last one is none')
})

t.test('a yes below the threshold is unclear, and a no is a no', async t => {
  const { recognizer, state } = await setUp(t, { final: { text: 'да согласен', conf: [0.99, 0.4] } })
  t.match(await say(recognizer), {
    ...{ heard: 'unclear', reason: 'threshold', scores: { words: 0.4 }, needed: 0.7 },
  })
  t.match(await say(recognizer, 0.3), { heard: 'yes' })
  state.script = { final: { text: 'нет', conf: [0.1] } }
  t.match(await say(recognizer), { heard: 'no' })
  state.script = { final: { text: 'да' } }
  t.strictSame(
    await say(recognizer),
    { heard: 'yes', scores: {}, words: 'да' },
    'a server without confidences',
  )
  state.script = { final: { alternatives: [{ text: 'да', confidence: 219.4 }] } }
  t.match(await say(recognizer), { heard: 'yes', scores: {} }, 'a server that gives alternatives')
  state.script = { final: { text: '' } }
  t.match(await say(recognizer), { heard: 'unclear', reason: 'no-words' })
})

t.test('partial results are read while the caller speaks', async t => {
  const { recognizer } = await setUp(t, { final: { text: 'да', conf: [1] } })
  const stream = recognizer.open('ru', 0.5)
  t.equal(stream.partial(true), undefined)
  stream.write(SAID)
  await until(() => stream.partial(true) !== undefined)
  t.match(stream.partial(true), { heard: 'yes', words: 'да' })
  stream.cancel()
})

t.test('each fault of a server has its error, in time', async t => {
  const { recognizer, state } = await setUp(t, { final: { text: 'да' }, fault: 'closes' })
  await t.rejects(say(recognizer), { code: 'speech.failed' })
  await t.rejects(recognizer.check(), { code: 'speech.unavailable', message: /Vosk server at ws:/ })
  state.script = { final: {}, fault: 'garbage' }
  await t.rejects(say(recognizer), { code: 'speech.failed' })
  state.script = { final: {}, fault: 'silent' }
  const begun = performance.now()
  await t.rejects(say(recognizer), { code: 'speech.timeout' })
  const took = performance.now() - begun
  t.ok(took < 3_500, `after ${Math.round(took)} ms`)
  const nobody = new VoskRecognizer(`ws://user:secret@${LOOPBACK}:9`, 1, systemClock)
  await t.rejects(say(nobody), { code: 'speech.failed' })
  await t.rejects(nobody.check(), { code: 'speech.unavailable', message: /at ws:\/\/127\.0\.0\.1:9 / })
})

t.test('a check asks the server once for a while', async t => {
  const { recognizer, heard } = await setUp(t, { final: { text: '' } })
  await Promise.all([recognizer.check(), recognizer.check()])
  await recognizer.check()
  t.equal(heard.length, 1)
})

t.test('no more utterances at once than streams', async t => {
  const { recognizer } = await setUp(t, { final: { text: 'да', conf: [1] } }, 1)
  const stream = recognizer.open('ru', 0.5)
  t.throws(() => recognizer.open('ru', 0.5), { code: 'speech.busy' })
  stream.cancel()
  t.match(await say(recognizer), { heard: 'yes' })
  t.match(await say(recognizer), { heard: 'yes' }, 'a result frees the place')
})

t.test('without a server in the settings there is no engine', async t => {
  const settings = { host: LOOPBACK, streams: 1, root: '/', sherpa: {} }
  t.strictSame(await loadVosk({ ...settings, vosk: {} }), [])
  const loaded = await loadVosk({ ...settings, vosk: { en: 'ws://127.0.0.1:2700' } })
  await matchEach(t, loaded, [{ languages: ['en'], recognizer: { model: 'server' } }])
})
