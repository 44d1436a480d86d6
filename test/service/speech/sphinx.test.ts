// Real: pocketsphinx with its acoustic model. Fake: nothing; the word is spoken by a synthetic voice.
import t from 'tap'
import { speechLevel, toSamples } from '../../../lab/audio/channel.js'
import { makeNoise, randomFrom } from '../../../lab/audio/noises.js'
import { speakAll } from '../../../lab/voice/speak.js'
import { findSpeechModels } from '../../../lab/voice/speech-models.js'
import { doubleRate } from '../../../src/speech/embedded/sphinx.js'
import { findSphinx, loadSphinx } from '../../../src/speech/embedded/sphinx-library.js'

// The lab may have to speak.
t.setTimeout(300_000)

t.test('a word is heard alike whoever spoke before', async test => {
  const place = findSphinx(await findSpeechModels())
  const library = loadSphinx(place)
  const decoder = await library.init(
    library.parseArguments(['-hmm', place.model, '-samprate', '16000', '-cmn', 'batch']),
  )
  test.teardown(() => library.free(decoder))
  library.addWord(decoder, 'yes', 'Y EH S', 0)
  library.addWord(decoder, 'no', 'N OW', 0)
  library.setGrammar(decoder, 'test', '#JSGF V1.0; grammar test; public <answer> = yes | no;')
  library.setSearch(decoder, 'test')
  const heard = async (samples: Float64Array) => {
    await library.decode(decoder, toSamples(doubleRate(toSamples(samples))))
    return library.hypothesis(decoder)
  }

  const [spoken] = await speakAll({ program: 'flite', voice: 'slt' }, ['yes'])
  const word = Float64Array.from(spoken!)
  const first = await heard(word)
  test.equal(first?.words, 'yes')
  const noise = makeNoise('white', 16_000, randomFrom(1), [])
  await heard(noise.map(value => value * (8_000 / speechLevel(noise))))
  test.strictSame(await heard(word), first, 'after loud noise')
})
