// Real: the page about what is proved, and the tests that it names. Fake: none.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { projectRoot } from '../../../src/lib/process/project.js'

const read = (path: string) => readFileSync(join(projectRoot(), path), 'utf8')

t.test('each line about what is proved has a test that tries it', async t => {
  const lines = read('docs/proof.md')
    .split('\n')
    .filter(line => line.startsWith('|') && !/^\|(---| a test shows )/.test(line))
  t.ok(lines.length > 15)
  for (const line of lines) {
    const [, title, path] = /^\| \[([^\]]+)\]\(\.\.\/(test\/[\w./-]+)\) \| .+ \|$/.exec(line) ?? []
    if (path && title) t.ok(read(path).includes(`'${title}'`), `${path}: ${title}`)
    else t.fail(`without a test: ${line}`)
  }
})
