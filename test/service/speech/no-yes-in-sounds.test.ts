// Real: the engine with its models and pocketsphinx, the listener, and sounds of Debian's packages. Fake: nothing. The nets hear every
// piece first; what one of them takes for a yes, or nearly, is heard by the whole engine.
// Alone: the engine changes the environment of the process.
// Long: all files of the sets, and not some of them.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { findSpeechModels } from '../../../lab/voice/speech-models.js'
import { HEARD_LANGUAGES, type HeardLanguage } from '../../../src/core/policy.js'
import { projectRoot } from '../../../src/lib/process/project.js'
import { openEmbedded } from '../../../src/speech/embedded/embedded.js'
import { hearSound } from '../../../src/speech/listen-file.js'
import { isLong } from '../../support/fuzz/seeded.js'
import { openNets } from '../../support/speech/likely-yes.js'
import { decodeSounds, SOUND_SETS, soundsOf, utterancesIn } from '../../support/speech/sounds.js'

/** The least score of a yes, as a line has it by default. */
const THRESHOLD = 0.7
/** Scores from which on the whole engine hears a piece too: the pause that ends a piece changes its score a little. */
const NEARLY = 0.6

// In the long form more than a thousand files.
t.setTimeout(600_000)

/** The short form hears one of so many files of a set. */
const ONE_OF = isLong ? 1 : 15

const nets = await openNets()
const recognizer = await openEmbedded({ root: await findSpeechModels() })
t.teardown(() => Promise.all([nets.close(), recognizer.close()]))

/** Hears all pieces of all files. None may be a yes. */
async function noYes(
  test: Pick<typeof t, 'strictSame' | 'ok' | 'comment'>,
  paths: string[],
  languages: readonly HeardLanguage[] = HEARD_LANGUAGES,
) {
  let pieces = 0
  const likely: string[] = []
  const taken: string[] = []
  for await (const { path, samples } of decodeSounds(paths))
    for (const piece of utterancesIn(samples)) {
      pieces++
      for (const language of await nets.likelyYes(piece, NEARLY)) {
        if (!languages.includes(language)) continue
        likely.push(path)
        const answer = await hearSound(
          recognizer,
          { language, engine: 'embedded', threshold: THRESHOLD },
          piece,
        )
        if (answer?.heard === 'yes') taken.push(`${language} ${path} ${JSON.stringify(answer.scores)}`)
      }
    }
  test.comment(`${pieces} pieces of ${paths.length} files, ${likely.length} heard by the whole engine`)
  test.strictSame(taken, [], `none of ${pieces} pieces is a yes`)
  test.ok(pieces >= paths.length / 2, 'the files have speech')
}

for (const name of SOUND_SETS)
  t.test(`no yes in ${name}`, async test => {
    const paths = await soundsOf(name)
    await noYes(
      test,
      paths.filter((_, i) => i % ONE_OF === 0),
    )
  })

/** Words of an answer: a prompt that asks for one says it. */
const YES_WORDS: Record<HeardLanguage, RegExp> = {
  en: /\b(yes|agree)\b/i,
  ru: /(?<![а-яё])(да|соглас\p{L}*)(?![а-яё])/iu,
}

t.test('no yes in the shipped prompts that say none, all pieces', async test => {
  const { prompts } = JSON.parse(await readFile(join(projectRoot(), 'prompts', 'texts.json'), 'utf8'))
  for (const language of HEARD_LANGUAGES) {
    const names = Object.keys(prompts).filter(name => !YES_WORDS[language].test(prompts[name][language].text))
    test.ok(names.length >= 10, `${language}: ${names}`)
    const folder = join(projectRoot(), 'prompts', language)
    await noYes(
      test,
      names.map(name => join(folder, `${name}.wav`)),
      [language],
    )
  }
})
