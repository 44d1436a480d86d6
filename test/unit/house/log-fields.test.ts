// Real: the sources, and a logger in a process of its own. Fake: none.
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { projectRoot } from '../../../src/lib/process/project.js'

const src = join(projectRoot(), 'src')
const logModule = new URL('../../../src/lib/log.js', import.meta.url).href

/** The line that a logger writes of these fields. */
function lineOf(fields: object): string {
  const script = `(await import('${logModule}')).createLog().info(${JSON.stringify(fields)}, 'told')`
  return execFileSync('sh', ['-c', 'exec "$0" --input-type=module -e "$1" 2>&1', process.execPath, script], {
    encoding: 'utf8',
  })
}

/** The names of the fields of every log call in a source. */
const fieldsIn = (source: string): string[] =>
  [...source.matchAll(/\blog\.(?:trace|debug|info|warn|error|fatal)\(\s*\{([^}]*)\}/gi)].flatMap(([, body]) =>
    body!.split(',').flatMap(field => /^\s*(\w+)\s*(?::|$)/.exec(field)?.[1] ?? []),
  )

t.test('no log call has a field that the logger writes itself or redacts', async t => {
  const own = Object.keys(JSON.parse(lineOf({})))
  t.ok(own.includes('pid'))
  const redacted = ['caller', 'number', 'digit', 'password']
  t.match(
    JSON.parse(lineOf(Object.fromEntries(redacted.map(name => [name, 'x'])))),
    Object.fromEntries(redacted.map(name => [name, '[redacted]'])),
  )
  const taken = new Set([...own, ...redacted])
  let fields = 0
  for (const file of readdirSync(src, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.ts')) continue
    const named = fieldsIn(readFileSync(join(src, file), 'utf8'))
    fields += named.length
    const wrong = named.filter(name => taken.has(name))
    if (wrong.length > 0) t.fail(`${file}: ${wrong.join(', ')}`)
  }
  t.ok(fields > 50, `${fields} fields were found`)
})
