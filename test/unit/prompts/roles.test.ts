// Real: the shipped manifest, the roles of prompts, the comparison with lines. Fake: the words of prompts that somebody made.

import t from 'tap'
import { labLines } from '../../../lab/lab-lines.js'
import { promptOptions } from '../../../src/console/pages/line/prompt-options.js'
import { fault } from '../../../src/console/pages/words/ru/faults.js'
import { wordsIn } from '../../../src/console/pages/words/words.js'
import { english } from '../../../src/core/message.js'
import { lostPromises } from '../../../src/lines/prompts/lost-promises.js'
import {
  doubtfulWords,
  noDisclosure,
  promptFaults,
  vagueDisclosures,
} from '../../../src/prompts/contradictions.js'
import { readManifest, shippedPromptFolder } from '../../../src/prompts/manifest.js'
import { promptsForField, roleOf } from '../../../src/prompts/roles.js'
import { matchEach } from '../../support/assertions/match-each.js'

const shipped = await readManifest(shippedPromptFolder())
const names = [...new Set(shipped.map(({ name }) => name))]
const line = labLines.find(one => one.language === 'en' && one.mode === 'key')!

t.test('each shipped prompt has a role, and a field is offered only those of its own', async t => {
  for (const name of names) t.ok(roleOf(name), `${name}: give it a role`)
  const known = [...names, 'our-hello']
  for (const [field, some] of [
    ['disclosure', ['disclosure-key', 'disclosure-voice', 'disclosure-notice', 'disclosure-outbound']],
    ['outsiderDisclosure', ['disclosure-key', 'disclosure-joined']],
    [
      'purposes.0.prompts.question',
      ['question', 'question-marketing', 'question-voice', 'question-voice-service'],
    ],
    ['purposes.0.prompts.granted', ['granted', 'granted-service']],
    ['purposes.1.prompts.refused', ['refused', 'refused-service']],
  ] as const) {
    const offered = promptsForField(known, field)
    for (const name of [...some, 'our-hello']) t.ok(offered.includes(name), `${field}: ${name}`)
    t.notOk(
      offered.some(name =>
        /^(record|withdrawn|choose|interrupted|question-(by-key|confirm|after-yes))/.test(name),
      ),
      field,
    )
  }
  for (const field of ['disclosure', 'outsiderDisclosure'])
    t.notOk(promptsForField(known, field).includes('question'), field)
})

t.test('a choice marks the prompts that somebody made, and keeps the one that is chosen', async t => {
  const options = promptOptions(
    [...names, 'our-hello'],
    { field: 'disclosure', value: 'interrupted' },
    wordsIn('en'),
  )
  t.match(options, {
    interrupted: 'interrupted',
    'disclosure-key': 'disclosure-key',
    'our-hello': /your own/,
  })
  t.notOk('granted' in options)
})

t.test("one of the system's prompts is no disclosure, in both languages", async t => {
  t.strictSame(noDisclosure(line), [])
  for (const disclosure of names.filter(name => !name.startsWith('disclosure'))) {
    // Its words may be wrong for the line besides.
    const found = promptFaults({ ...line, disclosure }, shipped).filter(
      ({ path, text }) => path === 'disclosure' && english(text).includes('is no disclosure'),
    )
    matchEach(
      t,
      found.map(({ text }) => english(text)),
      [/is no disclosure: choose one/],
      disclosure,
    )
    t.match(fault(found[0]!.text), /^Фраза «.*» ничего не сообщает о записи/)
  }
  t.strictSame(noDisclosure({ ...line, disclosure: 'our-hello' }), [])
  const asked = { ...line, onOutsider: 'ask' as const, outsiderDisclosure: 'question' }
  matchEach(t, noDisclosure(asked).map(english), [
    /^line .*, outsiderDisclosure: the prompt "question" is no disclosure/,
  ])
  t.strictSame(noDisclosure({ ...asked, onOutsider: 'pause' }), [], 'nobody hears it there either')
  t.strictSame(noDisclosure({ ...line, mode: 'none', disclosure: 'interrupted' }), [], 'nobody hears it')
})

t.test('words that promise nothing of what the version before did are told', async t => {
  const says = { mode: 'key', retentionDays: 30, withdraw: '*9' } as const
  t.strictSame(lostPromises(says, { mode: 'key' }), ['term', 'withdrawal'])
  t.strictSame(lostPromises(says, {}), ['term', 'withdrawal', 'mode'])
  t.strictSame(lostPromises(says, { mode: 'key', terms: { service: 30 }, withdraw: '*8' }), [])
  t.match(wordsIn('ru').prompts.lost(['term', 'withdrawal'], undefined), 'срок хранения, клавишу отзыва')
  const empty = { name: line.disclosure, language: 'en' as const, says: { mode: 'key' as const } }
  matchEach(t, vagueDisclosures(line, [empty]).map(english), [
    /^the prompt ".*" \(en\) names neither a term nor/,
  ])
  t.strictSame(vagueDisclosures(line, shipped), [])
  const joined = { ...line, onOutsider: 'ask' as const, outsiderDisclosure: 'disclosure-joined' }
  t.strictSame(vagueDisclosures(joined, shipped), [])
  matchEach(
    t,
    vagueDisclosures(
      joined,
      [...shipped, empty].map(one => ({ ...one, ...(one.name === 'disclosure-joined' && { says: {} }) })),
    ).map(english),
    [/^the prompt "disclosure-joined" \(en\) names neither a term nor/],
  )
  matchEach(t, doubtfulWords(line, [empty]), [/names neither a term nor/], 'the log of the service has it')
})
