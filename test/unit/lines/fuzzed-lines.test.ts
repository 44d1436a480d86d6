// Real: the checks of lines, manifests and WAV files. Fake: their inputs, which are shipped ones with random changes.
// Long: five times as many inputs.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { labLines } from '../../../lab/lab-lines.js'
import { codeOf } from '../../../src/core/errors.js'
import { readWav } from '../../../src/lib/audio-formats/wav.js'
import { validateLine } from '../../../src/lines/validate.js'
import { readManifest, shippedPromptFolder } from '../../../src/prompts/manifest.js'
import { hostileValue } from '../../support/fuzz/hostile-values.js'
import { mutate, mutations, replaceInJson } from '../../support/fuzz/mutations.js'
import { position } from '../../support/fuzz/position.js'
import { fuzzRuns } from '../../support/fuzz/seeded.js'

/** Characters that the database refuses, as JSON writes them. */
const REFUSED = /\\u0000|\\ud[89a-f]/i
/** The code of an error. @throws the error itself if it has no code */
const codeIn = (error: unknown): string => {
  const code = codeOf(error)
  if (!code) throw error
  return code
}

t.test('a changed line is invalid, or valid and accepted by the database', async t => {
  const [line] = labLines
  let [valid, invalid] = [0, 0]
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(position, hostileValue, (at, value) => {
        try {
          const checked = validateLine(JSON.parse(replaceInJson(line, at, value)))
          valid += 1
          return !REFUSED.test(JSON.stringify(checked))
        } catch (error) {
          invalid += 1
          return codeIn(error) === 'policy.invalid'
        }
      }),
      fuzzRuns(2_000, 10_000),
    ),
  )
  t.ok(valid > 20 && invalid > 20, `${valid} valid, ${invalid} invalid`)
})

t.test('a changed manifest is read or refused as damaged', async t => {
  const dir = await mkdtemp(join(tmpdir(), 'consentry-test-'))
  t.teardown(() => rm(dir, { recursive: true }))
  const bytes = await readFile(join(shippedPromptFolder(), 'manifest.json'))
  const changed = fc.oneof(
    mutations.map(changes => mutate(bytes, changes)),
    fc
      .tuple(position, hostileValue)
      .map(([at, value]) => replaceInJson(JSON.parse(bytes.toString()), at, value)),
  )
  let [accepted, damaged] = [0, 0]
  await t.resolves(
    fc.assert(
      fc.asyncProperty(changed, async content => {
        await writeFile(join(dir, 'manifest.json'), content)
        const read = await readManifest(dir).catch(codeIn)
        if (typeof read === 'string') damaged += 1
        else accepted += 1
        return read === 'prompt.damaged' || (Array.isArray(read) && !REFUSED.test(JSON.stringify(read)))
      }),
      fuzzRuns(200, 1_000),
    ),
  )
  t.ok(accepted > 5 && damaged > 5, `${accepted} accepted, ${damaged} damaged`)
})

t.test('a changed WAV file is read or refused as damaged', async t => {
  const whole = await readFile(join(shippedPromptFolder(), 'en', 'granted.wav'))
  const bytes = Buffer.concat([whole.subarray(0, 2_000)])
  bytes.writeUInt32LE(2_000 - 44, 40)
  t.equal(readWav(bytes).samples.length, 978)
  let [accepted, damaged] = [0, 0]
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(mutations, changes => {
        try {
          const { samples } = readWav(mutate(bytes, changes))
          accepted += 1
          return samples.length <= 200_000
        } catch (error) {
          damaged += 1
          return codeIn(error) === 'prompt.damaged'
        }
      }),
      fuzzRuns(1_000, 5_000),
    ),
  )
  t.ok(accepted > 20 && damaged > 20, `${accepted} accepted, ${damaged} damaged`)
})
