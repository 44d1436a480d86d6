// Real: the sources. Fake: none.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { projectRoot } from '../../../src/lib/process/project.js'
import { sourcesBelow } from './read-imports.js'

t.test('no source draws random numbers that can be guessed', async t => {
  const sources = sourcesBelow(join(projectRoot(), 'src'))
  t.ok(sources.length > 200)
  t.strictSame(
    sources.filter(path => /\bMath\.random\b/.test(readFileSync(join(projectRoot(), 'src', path), 'utf8'))),
    [],
  )
})
