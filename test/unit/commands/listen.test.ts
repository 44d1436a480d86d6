// Real: the text of what was heard. Fake: what was heard.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import t from 'tap'
import { listenedText } from '../../../src/commands/listen.js'
import { SPOKEN_REASONS, type SpokenAnswer } from '../../../src/core/speech.js'
import { projectRoot } from '../../../src/lib/process/project.js'
import { spokenAnswer } from '../../support/data/call-facts.js'

const textOf = (answer: SpokenAnswer | undefined) =>
  stripVTControlCharacters(listenedText({ answer, processorMs: 12 }))

t.test('the text has the least score that a yes needed, where there was one', async t => {
  const scores = { yes: 0.84, grammar: 1 }
  const text = textOf(spokenAnswer('unclear', { scores, needed: 0.85, reason: 'noise' }))
  t.match(text, /^unclear: .*\n {2}scores {3}yes 0\.84 {2}grammar 1\.00\n {2}needed {3}0\.85 for a yes\n/)
  t.notMatch(textOf(spokenAnswer('no')), /needed/)
  t.match(textOf(undefined), /^silence: nobody speaks/)
})

t.test('each reason is told in words, and the page of the formats has it', async t => {
  const page = readFileSync(join(projectRoot(), 'docs', 'formats.md'), 'utf8')
  const told = SPOKEN_REASONS.map(reason => textOf(spokenAnswer('unclear', { reason })).split('\n')[0]!)
  t.equal(new Set(told).size, SPOKEN_REASONS.length)
  for (const line of told) t.match(line, /^unclear: the .+ .+/)
  for (const reason of SPOKEN_REASONS) t.ok(page.includes(`\n| \`${reason}\` | `), reason)
  t.match(textOf(spokenAnswer('no', { reason: 'grammar' })), /^no: the net hears a yes, the grammar a no\n/)
  t.match(textOf(spokenAnswer('no')), /^no\n/)
})
