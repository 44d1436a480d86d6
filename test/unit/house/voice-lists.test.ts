// Real: the lists of voice/ and of the benchmark. Fake: none.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { projectRoot } from '../../../src/process/project.js'
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
