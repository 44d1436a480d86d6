// Real: the lines of the lab, the shipped prompts. Fake: none.
import t from 'tap'
import { labLines, voiceLine } from '../../../lab/lab-lines.js'
import { asksCallers } from '../../../src/core/policy.js'
import type { Line } from '../../../src/lines/validate.js'
import { contradictions } from '../../../src/prompts/contradictions.js'
import { readManifest, shippedPromptFolder } from '../../../src/prompts/manifest.js'

/** Longest time until a caller who says nothing hears the agent, ms. Half a second of it is left for answering and commits. */
const SILENT_MS = 25_000 - 500
/** The same for a caller who presses a key at once. */
const AT_ONCE_MS = 4_000 - 500

const prompts = await readManifest(shippedPromptFolder())

const lengthOf = ({ language }: Line, name: string): number =>
  prompts.find(prompt => prompt.name === name && prompt.language === language)!.lengthMs

/** How long the prompts and waits of a line take for a caller who says nothing, ms. */
function silentMs(line: Line): number {
  const asked = line.purposes.map(({ prompts: { question, refused } }) => {
    const once = lengthOf(line, question) + line.waitMs
    return once * (1 + line.retries) + lengthOf(line, refused)
  })
  return [lengthOf(line, line.disclosure), ...asked].reduce((sum, ms) => sum + ms, 0)
}

/** Lines 102 and 103 hear their callers once the service can. */
const voiceLines = [voiceLine('102', 'ru'), voiceLine('103', 'en')]
const asking = [...labLines.filter(asksCallers), ...voiceLines]

t.test('a caller who says nothing does not wait long for the agent', async t => {
  for (const line of asking) t.ok(silentMs(line) <= SILENT_MS, `line ${line.number}: ${silentMs(line)} ms`)
})

t.test('a caller who presses a key at once hears only the confirmation', async t => {
  for (const line of asking.filter(({ purposes }) => purposes.length === 1))
    for (const name of ['granted', 'refused']) {
      const ms = lengthOf(line, name)
      t.ok(line.bargeIn && ms <= AT_ONCE_MS, `line ${line.number}, ${name}: ${ms} ms`)
    }
})

t.test('callers are told what the lines do', async t => {
  t.strictSame(
    [...labLines, ...voiceLines].flatMap(line => contradictions(line, prompts)),
    [],
  )
})
