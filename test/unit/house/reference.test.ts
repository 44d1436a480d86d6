// Real: the documents, the verbs of the command, the routes of the API. Fake: none.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { putBetweenMarkers } from '../../../packaging/build/reference.js'
import { references } from '../../../packaging/build/write-reference.js'
import { projectRoot } from '../../../src/lib/process/project.js'

for (const [path, makeTable] of Object.entries(references)) {
  t.test(`${path} has the table that \`npm run docs\` writes`, async t => {
    const page = readFileSync(join(projectRoot(), path), 'utf8')
    const table = await makeTable()
    t.ok(table.split('\n').length > 50)
    t.equal(putBetweenMarkers(page, table), page, 'run `npm run docs`, and commit what it writes')
  })
}

t.test('a page without markers is refused', async t => {
  t.throws(() => putBetweenMarkers('# A page', 'a table'), /lacks/)
})
