// Real: PostgreSQL, the journal, stores and keys on disk, the command as a process. Nothing is fake.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { labLines } from '../../../lab/lab-lines.js'
import { consentry } from '../../support/processes/command.js'
import { consentryTogether } from '../../support/processes/commands-together.js'
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
  const result = await consentryTogether(env, 'line', ...args)
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
  const step = ['--revision', '2', '--by', 'boris']
  t.match(await run('refuse', id, ...step), { code: 2, err: /--comment TEXT/ })
  const rejected = await run('refuse', id, ...step, '--comment', 'The wait is long.')
  t.match(
    rejected,
    { code: 0, out: /open\n[\s\S]* boris rejected revision 2: The wait is long\.\n/ },
    rejected.err,
  )
  t.match(await run('draft', 'request', id, '--revision', '2', '--by', 'anna'), { code: 0 })
  t.match(await run('approve', id, ...step, '--comment', 'Good.'), {
    code: 0,
    out: /revision 2, approved\n[\s\S]* {2}boris approved it: Good\.\n/,
  })
  const at = ['--at', new Date(Date.now() + 3_600_000).toISOString()]
  t.match(await run('publish', id, '--revision', '2', ...at, '--by', 'anna'), { out: /scheduled for 20/ })
  t.match(await run('draft', 'list', '700'), { code: 0, out: new RegExp(id) })
  t.match(await run('unschedule', id, '--revision', '2', '--by', 'anna'), { code: 0, out: /approved/ })
  const published = await consentry(env, 'line', 'publish', id, '--revision', '2', '--by', 'anna')
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

t.test('a new line begins with the shipped prompts, and all drafts are listed', async t => {
  const begun = await run('draft', 'new', '701', '--lang', 'en', '--json')
  t.match(
    begun,
    { code: 0, json: { base: 0, faults: [], input: { language: 'en', disclosure: /./ } } },
    begun.err,
  )
  t.match(await run('draft', 'new', '701', '--lang', 'de'), {
    ...{ code: 1, err: /The language of a line is ru or en/ },
  })
  t.match(await run('draft', 'new', '701', '--lang', 'en', '--file', file), {
    code: 2,
    err: /give one of --file/,
  })
  t.match(await run('draft', 'new', '700', '--lang', 'en'), { code: 1, err: /Line 700 exists already/ })
  const { json } = await run('draft', 'list', '--json')
  t.match(json, { length: 1, 0: { line: '701', state: 'open' } })
})

t.test('a change of a group is proposed, shown, approved by a second person, or withdrawn', async t => {
  const fields = join(dir, 'group.json')
  await writeFile(fields, JSON.stringify({ waitMs: 4_000 }))
  t.match(await run('group', 'proposals'), { code: 0, out: /No change of a group awaits/ })
  t.match(await run('group', 'propose', 'sales', '--by', 'anna'), { code: 2, err: /--file FILE/ })
  const proposed = await run('group', 'propose', 'sales', '--file', fields, '--by', 'anna')
  t.match(
    proposed,
    { code: 0, out: /awaits a second person\n {2}waitMs: each line states it → 4000\nNo line would change/ },
    proposed.err,
  )
  const [waiting] = (await run('group', 'proposals', '--json')).json as { id: string }[]
  t.match(waiting, { name: 'sales', base: 0, by: 'anna', fields: { waitMs: 4_000 } })
  const shown = await run('group', 'show', 'sales')
  t.match(shown, { code: 0, out: new RegExp(`proposal ${waiting!.id} by anna.*\n {2}waitMs: `) }, shown.err)
  t.match(await run('group', 'approve', 'sales', '--by', 'boris'), { code: 2, err: /--proposal ID/ })
  const seen = ['--proposal', waiting!.id]
  const own = await run('group', 'approve', 'sales', ...seen, '--by', 'anna')
  t.match(own, { code: 1, err: /somebody else must approve/ })
  const approved = await run('group', 'approve', 'sales', ...seen, '--by', 'boris')
  t.match(approved, { code: 0, out: 'group sales: version 1, 0 lines are changed by it\n' }, approved.err)
  t.match(await run('group', 'withdraw', 'sales', ...seen, '--by', 'anna'), { code: 1, err: /does not wait/ })

  const other = await run('group', 'propose', 'sales', '--file', fields, '--by', 'anna', '--json')
  const refusing = [
    'group',
    'refuse',
    'sales',
    '--proposal',
    (other.json as { id: string }).id,
    '--by',
    'boris',
  ]
  t.match(await run(...refusing), { code: 2, err: /--comment TEXT/ })
  const refused = await run(...refusing, '--comment', 'Too short.')
  t.match(refused, { code: 0, out: 'the proposal is rejected\n' }, refused.err)
  t.match(await run('group', 'show', 'sales'), { out: /by anna, .*, was rejected by boris: Too short\.\n/ })

  const again = await run('group', 'propose', 'sales', '--file', fields, '--by', 'anna', '--json')
  const { id } = again.json as { id: string }
  const withdrawn = await run('group', 'withdraw', 'sales', '--proposal', id, '--by', 'anna')
  t.match(withdrawn, { code: 0, out: 'the proposal is withdrawn\n' }, withdrawn.err)
  t.match(await run('group', 'show', 'sales', '--json'), { json: { version: 1, proposal: null } })
})
