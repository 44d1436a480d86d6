// Real: the sources. Fake: none.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { projectRoot } from '../../../src/lib/process/project.js'
import { sourcesBelow } from './read-imports.js'

t.test('setup reads and writes files by the guarded functions alone', async t => {
  const src = join(projectRoot(), 'src')
  const room = sourcesBelow(src).filter(path => path.startsWith('site/setup/'))
  t.ok(room.length > 10)
  const direct = /from '(node:fs(\/promises)?|(\.\.\/)+lib\/files\/[^']+)'/
  t.strictSame(
    room.filter(path => direct.test(readFileSync(join(src, path), 'utf8'))),
    [],
  )
})
