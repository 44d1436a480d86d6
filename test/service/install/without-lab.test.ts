// Real: the compiled program without the lab, as in the product's image. Fake: none.
import { execFile } from 'node:child_process'
import { cp, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import t from 'tap'
import { compiled } from '../../../lab/process/compiled.js'
import { projectRoot } from '../../../src/lib/process/project.js'
import { scratch } from '../../support/processes/database.js'

const dir = await scratch(t)
await cp(dirname(compiled('cli')), join(dir, 'dist', 'src'), { recursive: true })
await cp(join(projectRoot(), 'package.json'), join(dir, 'package.json'))
await symlink(join(projectRoot(), 'node_modules'), join(dir, 'node_modules'))

/** Runs a verb. @returns its exit code and what it printed */
const run = (...words: string[]) =>
  new Promise<{ code: unknown; out: string; err: string }>(resolve => {
    execFile(process.execPath, [join(dir, 'dist', 'src', 'cli.js'), ...words], (error, out, err) =>
      resolve({ code: error ? error.code : 0, out, err }),
    )
  })

t.test('the verbs of the lab say where they can run', async t => {
  for (const verb of ['demo', 'lab'])
    t.match(await run(verb), {
      code: 2,
      out: '',
      err: /This installation has no lab\. Run this verb in a checkout/,
    })
})

t.test('the help lists the other verbs', async t => {
  t.match(await run('--help'), { code: 0, out: /consentry VERB.*serve.*calls/s })
})
