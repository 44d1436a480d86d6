// Real: the text of what was heard. Fake: what was heard.
import { stripVTControlCharacters } from 'node:util'
import t from 'tap'
import { listenedText } from '../../../src/commands/listen.js'
import type { SpokenAnswer } from '../../../src/shared/speech.js'
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
