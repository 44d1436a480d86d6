// Real: PostgreSQL, the journal, stores and keys on disk, the command as a process. Nothing is fake.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { labLines } from '../../../lab/lab-lines.js'
import { consentry } from '../../support/processes/command.js'
import { scratch, testDatabase } from '../../support/processes/database.js'

const { server } = await testDatabase(t)
const dir = await scratch(t)
const env = {
  DATABASE_URL: server.url,
  CONSENTRY_DATA: join(dir, 'data'),
  CONSENTRY_LINE_APPROVAL: 'required',
}
const file = join(dir, 'line.json')
const run = async (...args: string[]) => {
  const result = await consentry(env, 'line', ...args)
  return { ...result, json: args.includes('--json') ? JSON.parse(result.out) : undefined }
}
const line = { ...labLines[1]!, number: '700' }

t.test('a draft goes from a file to a line in force, by two people', async t => {
  await writeFile(file, JSON.stringify({ ...line, mode: 'loud' }))
  const begun = await run('draft', 'new', '700', '--file', file, '--by', 'anna', '--json')
  t.match(begun, { code: 1, json: { revision: 1, faults: { 0: { field: 'mode' } } } }, begun.err)
  const { id } = begun.json as { id: string }
  t.match(await run('draft', 'show', id), { code: 1, out: /revision 1, open\n {2}fault: mode / })
  await writeFile(file, JSON.stringify(line))
  const changed = await run('draft', 'change', id, '--file', file, '--revision', '1', '--by', 'anna')
  t.match(changed, { code: 0, out: /revision 2, open/ }, changed.err)
  const stale = await run('draft', 'request', id, '--revision', '1', '--by', 'anna')
  t.match(stale, { code: 1, err: /changed meanwhile by anna: it is revision 2 now/ })
  t.match(await run('draft', 'request', id, '--by', 'anna'), { code: 2, err: /--revision N/ })
  t.match(await run('draft', 'request', id, '--revision', '2', '--by', 'anna'), { code: 0 })
  const own = await run('approve', id, '--revision', '2', '--by', 'anna')
  t.match(own, { code: 1, err: /somebody else must approve/ })
  t.match(await run('approve', id, '--revision', '2', '--by', 'boris'), {
    code: 0,
    out: /revision 2, approved/,
  })
  const at = ['--at', new Date(Date.now() + 3_600_000).toISOString()]
  t.match(await run('publish', id, '--revision', '2', ...at, '--by', 'anna'), { out: /scheduled for 20/ })
  t.match(await run('draft', 'list', '700'), { code: 0, out: new RegExp(id) })
  t.match(await run('unschedule', id, '--revision', '2', '--by', 'anna'), { code: 0, out: /approved/ })
  const published = await run('publish', id, '--revision', '2', '--by', 'anna')
  t.match(published, { code: 0, out: 'line 700: version 1 is in force\n' }, published.err)
  t.match(await run('draft', 'list', '700'), { out: /no draft of line 700/ })
})

t.test('a draft of the line in force is discarded', async t => {
  const { json } = await run('draft', 'new', '700', '--json')
  t.match(json, { base: 1, input: { number: '700', waitMs: line.waitMs } })
  const { id } = json as { id: string }
  t.match(await run('draft', 'discard', id, '--revision', '1'), { code: 0, out: /discarded/ })
  t.match(await run('draft', 'discard', id, '--revision', '1'), { code: 1, err: /is discarded/ })
})
