// Real: sherpa-onnx with its runtime, and files of a model. Fake: the weights of the model, which hear tones as letters.
import { truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sherpa from 'sherpa-onnx-node'
import t from 'tap'
import { silence } from '../../../lab/audio/signals.js'
import { LOOPBACK } from '../../../lab/ports.js'
import { loadSherpa, SherpaRecognizer } from '../../../src/speech/sherpa/sherpa-recognizer.js'
import { soundOf, writeToneModel } from '../../support/data/tone-model.js'
import { FakeClock } from '../../support/fakes/fake-clock.js'
import { scratch } from '../../support/processes/database.js'

const folder = await scratch(t)
await writeToneModel(folder)
const MODEL = { kind: 'tone-ctc', folder } as const
const recognizer = await SherpaRecognizer.load(MODEL, 2)

/** Has a text recognised that is sent as its tones, in pieces of 20 ms. */
async function say(text: string, engine = recognizer) {
  const stream = engine.open('ru', 0.7)
  const sound = soundOf(text)
  for (let at = 0; at < sound.length; at += 160) stream.write(sound.subarray(at, at + 160))
  return stream.finish(true)
}

t.test('what is said is transcribed, and its words decide', async t => {
  t.strictSame(await say('да'), { heard: 'yes', scores: {}, words: 'да' })
  t.match(await say('да я согласна'), { heard: 'yes', words: 'да я согласна' })
  t.match(await say('нет'), { heard: 'no', words: 'нет' })
  t.match(await say('да я не согласен'), { heard: 'no', words: 'да я не согласен' })
  t.match(await say('угу'), { heard: 'weak' })
  t.match(await say('алло кто это'), { heard: 'unclear', reason: 'other-words' })
  t.match(await say(''), { heard: 'unclear', reason: 'no-words', words: '' })
})

t.test('two utterances at once do not mix, and a third one is refused', async t => {
  const [one, two] = [recognizer.open('ru', 0.7), recognizer.open('ru', 0.7)]
  t.throws(() => recognizer.open('ru', 0.7), { code: 'speech.busy' })
  const [yes, no] = [soundOf('согласен'), soundOf('нет нет')]
  for (let at = 0; at < 12_000; at += 160) {
    one.write(yes.subarray(at, at + 160))
    two.write(no.subarray(at, at + 160))
  }
  t.match(await two.finish(true), { heard: 'no', words: 'нет нет' })
  t.match(await one.finish(true), { heard: 'yes', words: 'согласен' })
  await t.rejects(one.finish(true), { code: 'speech.failed' })
  const third = recognizer.open('ru', 0.7)
  third.cancel()
  third.cancel()
  t.match(await say('да'), { heard: 'yes' })
})

t.test('the words so far are read while the caller speaks', async t => {
  const stream = recognizer.open('ru', 0.7)
  t.equal(stream.partial(true), undefined)
  stream.write(soundOf('да'))
  stream.write(silence(600))
  t.match(stream.partial(true), { heard: 'yes', words: 'да' })
  stream.write(soundOf(' нет'))
  t.match(await stream.finish(true), { words: 'да нет', heard: 'unclear' })
})

t.test('the model is named by the hash of its files', async t => {
  t.match(recognizer.model, /^[0-9a-f]{64}$/)
  t.equal((await SherpaRecognizer.load(MODEL, 1)).model, recognizer.model)
  const other = await scratch(t)
  await writeToneModel(other)
  await writeFile(join(other, 'tokens.txt'), '\n', { flag: 'a' })
  t.not((await SherpaRecognizer.load({ ...MODEL, folder: other }, 1)).model, recognizer.model)
})

t.test('a check has silence recognised, also while as many utterances are open as may be', async t => {
  const clock = new FakeClock()
  const checked = await SherpaRecognizer.load(MODEL, 1, clock)
  const open = checked.open('ru', 0.7)
  const { prototype } = sherpa.OnlineRecognizer
  const { decode } = prototype
  t.teardown(() => {
    prototype.decode = decode
  })
  prototype.decode = () => {
    throw new Error('no memory')
  }
  await t.resolves(checked.check(), 'the result of the load holds for five seconds')
  clock.advance(5_000)
  await t.rejects(checked.check(), { code: 'speech.unavailable', message: /no memory/ })
  prototype.decode = decode
  clock.advance(1_000)
  await t.resolves(checked.check())
  open.cancel()
})

t.test('a damaged model is refused, and does not end this process', async t => {
  for (const [title, file, bytes] of [
    ['cut off', 'model.onnx', 20_000],
    ['empty', 'model.onnx', 0],
    ['without its tokens', 'tokens.txt', 0],
  ] as const) {
    const damaged = await scratch(t)
    await writeToneModel(damaged)
    await truncate(join(damaged, file), bytes)
    await t.rejects(
      SherpaRecognizer.load({ ...MODEL, folder: damaged }, 1),
      { code: 'speech.unavailable', message: /cannot be loaded as tone-ctc/ },
      title,
    )
  }
})

t.test('a model without its files is refused, and the process goes on', async t => {
  const settings = { host: LOOPBACK, streams: 1, root: '/', vosk: {} }
  t.strictSame(await loadSherpa({ ...settings, sherpa: {} }), [])
  const empty = { kind: 'tone-ctc', folder: await scratch(t) } as const
  await t.rejects(loadSherpa({ ...settings, sherpa: { ru: empty } }), {
    code: 'speech.unavailable',
    message: /no file .*tokens\.txt/,
  })
  await t.rejects(loadSherpa({ ...settings, sherpa: { ru: MODEL, en: { ...MODEL, kind: 'transducer' } } }), {
    code: 'speech.unavailable',
    message: /encoder\.onnx/,
  })
})
