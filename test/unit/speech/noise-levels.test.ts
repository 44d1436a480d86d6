// Real: the noise levels of a speech finder, the sounds of the shipped prompts. Fake: none; noise is computed.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { gauss, randomFrom } from '../../../lab/audio/noises.js'
import { readWav } from '../../../src/lib/audio-formats/wav.js'
import { FRAME, levelOf, NoiseLevels } from '../../../src/speech/utterances.js'

const PROMPTS = join(import.meta.dirname, '../../../../prompts')

/** The threshold by its definition: all levels are sorted, and the latest ones, for each frame. */
function thresholdOf(levels: readonly number[]): number {
  const sorted = (some: readonly number[]) => Float64Array.from(some).sort()
  const quantile = (some: Float64Array, share: number) => some[Math.floor(share * some.length)]!
  const [all, latest] = [sorted(levels), sorted(levels.slice(-50))]
  const floor = Math.max(quantile(all, 0.3), -62)
  const crest = Math.min(quantile(all, 0.9), quantile(latest, 0.9) + 12)
  return Math.max(floor + 9, crest + 5)
}

async function* sounds(): AsyncGenerator<[string, Int16Array]> {
  for (const language of ['en', 'ru']) {
    const names = (await readdir(join(PROMPTS, language))).filter(name => name.endsWith('.wav'))
    for (const name of names)
      yield [`${language}/${name}`, readWav(await readFile(join(PROMPTS, language, name))).samples]
  }
  const random = randomFrom(1)
  yield ['noise', Int16Array.from({ length: 80_000 }, () => 300 * gauss(random))]
  yield ['silence', new Int16Array(40_000)]
}

t.test(
  'the threshold of speech is the same to the bit as if all levels were sorted for each frame',
  async t => {
    let noise = new NoiseLevels()
    const levels: number[] = []
    for await (const [name, samples] of sounds()) {
      let differing = 0
      for (let at = 0; at + FRAME <= samples.length; at += FRAME) {
        const level = levelOf(samples.subarray(at, at + FRAME))
        noise.remember(level)
        levels.push(level)
        if (levels.length > 300) levels.shift()
        if (!Object.is(noise.threshold(), thresholdOf(levels))) differing++
      }
      t.equal(differing, 0, name)
      // The next question takes over what is known of the noise.
      noise = new NoiseLevels(noise)
      t.equal(noise.frames, levels.length)
      t.equal(noise.threshold(), thresholdOf(levels), 'taken over')
    }
  },
)
