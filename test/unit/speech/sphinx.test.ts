// Real: the decoders and their queue; how the libraries are found and bound. Fake: pocketsphinx.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { silence } from '../../../lab/audio/signals.js'
import type { Grammar } from '../../../src/speech/embedded/grammar.js'
import { openSphinx } from '../../../src/speech/embedded/sphinx.js'
import { findSphinx, loadSphinx } from '../../../src/speech/embedded/sphinx-library.js'
import { fakeSphinxLibrary } from '../../support/fakes/fake-sphinx-library.js'

const SOUND = silence(100)
const grammar: Grammar = { name: 'one', words: { yes: 'Y EH S' }, text: '', answer: () => 'yes' }
const other: Grammar = { ...grammar, name: 'other' }

t.test('what was loaded is freed again when one decoder cannot be loaded', async t => {
  for (const refuses of ['the second model', 'a word', 'a grammar'] as const) {
    const { library, decoders, freed } = fakeSphinxLibrary({
      init: () => !(refuses === 'the second model' && decoders() === 1),
      addWord: () => refuses !== 'a word',
      setGrammar: name => !(refuses === 'a grammar' && name === 'other' && decoders() === 2),
    })
    await t.rejects(openSphinx(library, '/model', [grammar, other]), { code: 'speech.unavailable' }, refuses)
    t.equal(freed(), decoders(), refuses)
    t.ok(decoders() > 0)
  }
})

t.test('a decoder is used by one utterance at a time, and the others wait', async t => {
  const { library, running } = fakeSphinxLibrary()
  const sphinx = await openSphinx(library, '/model', [grammar])
  const answers = [1, 2, 3].map(() => sphinx.decode(grammar, SOUND))
  await new Promise(setImmediate)
  t.equal(running.length, 2)
  running.shift()!()
  t.equal(await answers[0], 'yes')
  await new Promise(setImmediate)
  t.equal(running.length, 2)
  for (const finish of running) finish()
  t.strictSame(await Promise.all(answers), ['yes', 'yes', 'yes'])
})

t.test(
  'after the end, what waits fails, and decoders that still work are freed when they are done',
  async t => {
    const { library, running, freed } = fakeSphinxLibrary()
    const sphinx = await openSphinx(library, '/model', [grammar])
    const [first, second, third] = [1, 2, 3].map(() => sphinx.decode(grammar, SOUND))
    await new Promise(setImmediate)
    sphinx.close()
    await t.rejects(third!, { code: 'speech.failed' })
    await t.rejects(sphinx.decode(grammar, SOUND), { code: 'speech.failed' })
    t.equal(freed(), 0)
    for (const finish of running) finish()
    await Promise.all([first, second])
    t.equal(freed(), 2)
  },
)

t.test('without one of the two libraries, pocketsphinx is not there', async t => {
  const root = t.testdir({})
  const [model, libraries] = ['usr/share/pocketsphinx/model/en-us/en-us', 'usr/lib/x86_64-linux-gnu']
  for (const folder of [model, libraries]) await mkdir(join(root, folder), { recursive: true })
  for (const file of [`${model}/mdef`, `${libraries}/libpocketsphinx.so.3`])
    await writeFile(join(root, file), '')
  t.throws(() => findSphinx(root), { code: 'speech.unavailable', message: /^pocketsphinx is not below/ })
  await writeFile(join(root, libraries, 'libsphinxbase.so.3'), '')
  t.strictSame(
    findSphinx(root).libraries,
    ['libsphinxbase.so.3', 'libpocketsphinx.so.3'].map(file => join(root, libraries, file)),
  )
  t.throws(() => loadSphinx(findSphinx(root)), { code: 'speech.unavailable' }, 'empty files are no libraries')
})

t.test('a library without the functions is refused', async t => {
  t.throws(() => loadSphinx({ libraries: ['libm.so.6', 'libm.so.6'], model: '/' }), {
    code: 'speech.unavailable',
    message: /^pocketsphinx does not load/,
  })
})
