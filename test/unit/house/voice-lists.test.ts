// Real: the lists of voice/ and of the benchmark, and the rule of who is held out. Fake: the speakers' names.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { heldOutSpeaker, isOfTestSet } from '../../../lab/voice/held-out.js'
import { projectRoot } from '../../../src/lib/process/project.js'
import { UNTAUGHT_NEAR_WORDS } from '../../bench/voice/near-words.js'

const read = (name: string) => JSON.parse(readFileSync(join(projectRoot(), 'voice', `${name}.json`), 'utf8'))

t.test('no voice of the training speaks the words that the benchmark calls untaught', async t => {
  for (const language of ['en', 'ru'] as const) {
    const lists = [
      ...Object.values<string[]>(read('phrases')[language]),
      read('no-answers')[language],
      read('like-yes')[language] ?? [],
    ]
    const taught = new Set(lists.flat())
    t.ok(taught.size > 300, `${taught.size} ${language}`)
    t.strictSame(
      UNTAUGHT_NEAR_WORDS[language].filter(word => taught.has(word)),
      [],
      language,
    )
  }
})

t.test('one speaker in three is held out, of Speech Commands only of its test set', async t => {
  const held = (names: string[]) => names.filter(heldOutSpeaker).length / names.length
  const own = Array.from({ length: 3_000 }, (_, i) => `speaker ${i}`)
  const digits = Array.from({ length: 30_000 }, (_, i) => (i * 142_857).toString(16).padStart(8, '0'))
  const tested = digits.filter(isOfTestSet)
  t.ok(Math.abs(held(own) - 1 / 3) < 0.04, 'of other speakers')
  t.ok(Math.abs(tested.length / digits.length - 0.1) < 0.01, 'a tenth is the test set')
  t.ok(Math.abs(held(tested) - 1 / 3) < 0.04, 'of the test set')
  t.equal(held(digits.filter(name => !isOfTestSet(name))), 0)
})
