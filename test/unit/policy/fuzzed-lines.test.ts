// Real: the checks of lines, manifests and WAV files. Fake: their inputs, which are real ones with random changes.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { labLines } from '../../../src/policy/lab-lines.js'
import { validateLine } from '../../../src/policy/validate.js'
import { readManifest, shippedPromptFolder } from '../../../src/prompts/manifest.js'
import { readWav } from '../../../src/shared/audio-formats/wav.js'
import { codeOf } from '../../../src/shared/errors.js'
import { hostileValue } from '../../support/fuzz/hostile-values.js'
import { mutate, mutations, replaceInJson } from '../../support/fuzz/mutations.js'
import { fuzzRuns } from '../../support/fuzz/seeded.js'

const place = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true })
const REFUSED = /\\u0000|\\ud[89a-f]/i
/** Any failure that is not of the closed list is thrown. */
const codeIn = (error: unknown): string => {
  const code = codeOf(error)
  if (!code) throw error
  return code
}

t.test('a changed line is invalid, or valid and accepted by the database', async t => {
  const [line] = labLines
  let valid = 0
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(place, hostileValue, (at, value) => {
        try {
          const checked = validateLine(JSON.parse(replaceInJson(line, at, value)))
          valid += 1
          return !REFUSED.test(JSON.stringify(checked))
        } catch (error) {
          return codeIn(error) === 'policy.invalid'
        }
      }),
      fuzzRuns(2_000, 50_000),
    ),
  )
  t.ok(valid > 0)
})

t.test('a changed manifest is read or refused as damaged', async t => {
  const dir = await mkdtemp(join(tmpdir(), 'consentry-test-'))
  t.teardown(() => rm(dir, { recursive: true }))
  const bytes = await readFile(join(shippedPromptFolder(), 'manifest.json'))
  const changed = fc.oneof(
    mutations.map(changes => mutate(bytes, changes)),
    fc
      .tuple(place, hostileValue)
      .map(([at, value]) => replaceInJson(JSON.parse(bytes.toString()), at, value)),
  )
  await fc.assert(
    fc.asyncProperty(changed, async content => {
      await writeFile(join(dir, 'manifest.json'), content)
      const read = await readManifest(dir).catch(codeIn)
      return read === 'prompt.damaged' || !REFUSED.test(JSON.stringify(read))
    }),
    fuzzRuns(200, 5_000),
  )
  t.pass()
})

t.test('a changed WAV file is read or refused as damaged', async t => {
  const whole = await readFile(join(shippedPromptFolder(), 'en', 'granted.wav'))
  const bytes = Buffer.concat([whole.subarray(0, 2_000)])
  bytes.writeUInt32LE(2_000 - 44, 40)
  t.equal(readWav(bytes).samples.length, 978)
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(mutations, changes => {
        try {
          return readWav(mutate(bytes, changes)).samples.length <= 200_000
        } catch (error) {
          return codeIn(error) === 'prompt.damaged'
        }
      }),
      fuzzRuns(1_000, 50_000),
    ),
  )
})
