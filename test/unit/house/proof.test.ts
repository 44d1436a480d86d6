// Real: the page about security, and the tests that it names. Fake: none.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { projectRoot } from '../../../src/lib/process/project.js'

const read = (path: string) => readFileSync(join(projectRoot(), path), 'utf8')

t.test('each line about what is proved has a test that tries it', async t => {
  const [, proved] = read('docs/security.md').split('\n## What is proved\n')
  const lines = proved!.split('\n').filter(line => line.startsWith('- '))
  t.ok(lines.length > 15)
  for (const line of lines) {
    const [, title, path] = /^- \[([^\]]+)\]\(\.\.\/(test\/[\w./-]+)\): .+$/.exec(line) ?? []
    if (path && title) t.ok(read(path).includes(`'${title}'`), `${path}: ${title}`)
    else t.fail(`without a test: ${line}`)
  }
})
