// Real: the documents, the code that they describe. Fake: none.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { putBetweenMarkers } from '../../../packaging/build/reference.js'
import { references } from '../../../packaging/build/write-reference.js'
import { projectRoot } from '../../../src/lib/process/project.js'

for (const { page, name, make } of references) {
  t.test(`${page} has the ${name} that \`npm run docs\` writes`, async t => {
    const text = readFileSync(join(projectRoot(), page), 'utf8')
    const made = await make()
    t.ok(made.split('\n').length > 10)
    t.equal(putBetweenMarkers(text, name, made), text, 'run `npm run docs`, and commit what it writes')
  })
}

t.test('a page without markers is refused', async t => {
  t.throws(() => putBetweenMarkers('# A page', 'verbs', 'a table'), /lacks/)
})
