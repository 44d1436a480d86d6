// Real: the check of a route's access, the sources of the routes. Fake: the routes that are checked.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { access, requireAccess } from '../../../src/console/access.js'
import { projectRoot } from '../../../src/lib/process/project.js'

const whole = {
  method: 'GET',
  url: '/x',
  config: access('x.read', ['operator']),
  schema: { summary: 'Reads x', response: {} },
}

t.test('a route that does not say who may use it, or what it answers, is refused', async t => {
  t.doesNotThrow(() => requireAccess(whole))
  for (const [without, named] of [
    [{ ...whole, config: {} }, /GET \/x has no access/],
    [{ ...whole, schema: { response: {} } }, /summary/],
    [{ ...whole, schema: { summary: 'Reads x' } }, /response/],
    [{ method: 'GET', url: '/x' }, /access, summary, response/],
  ] as const)
    t.throws(() => requireAccess(without), named)
})

t.test('the roles of a route have a name, which stands in audiences.ts', async t => {
  const folders = ['routes', 'pages'].map(name => join(projectRoot(), 'src', 'console', name))
  for (const folder of folders)
    for (const file of readdirSync(folder).filter(name => /\.tsx?$/.test(name))) {
      const source = readFileSync(join(folder, file), 'utf8')
      t.notMatch(source, /ccess\([^)]*\[/, `${file}: name the roles in audiences.ts`)
    }
})
