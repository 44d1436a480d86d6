// Real: the table of attacks, the page about security, and the tests that they name. Fake: none.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { projectRoot } from '../../../src/lib/process/project.js'

const read = (path: string) => readFileSync(join(projectRoot(), path), 'utf8')
const [head, ...attacks] = read('docs/proof.tsv')
  .trimEnd()
  .split('\n')
  .map(line => line.split('\t'))

t.test('each attack has a test that tries it, and why it fails', async t => {
  t.strictSame(head, ['against', 'test', 'file', 'why the attack fails'])
  t.ok(attacks.length > 15)
  for (const [against, title, path, why, ...more] of attacks) {
    t.ok(against && why && more.length === 0, `${title}: four columns`)
    t.match(path, /^test\/[\w./-]+\.test\.ts$/, `the test ${title}`)
    t.ok(read(path!).includes(`'${title}'`), `${path}: ${title}`)
  }
})

t.test('the page says for each attacker what is promised and what remains', async t => {
  const [, proved] = read('docs/security.md').split('\n## What is proved\n')
  const rows = proved!
    .split('\n')
    .filter(line => /^\| (?!against )/.test(line))
    .map(line =>
      line
        .split('|')
        .slice(1, -1)
        .map(cell => cell.trim()),
    )
  t.strictSame(
    rows.map(([against]) => against),
    [...new Set(attacks.map(([against]) => against))],
  )
  for (const [against, ...cells] of rows)
    t.ok(cells.length === 2 && cells.every(cell => /\w{3}/.test(cell)), `${against} has both`)
})
