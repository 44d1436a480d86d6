// Real: PostgreSQL, the journal, stores and keys on disk, the command as a process. Fake: none.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { labLines } from '../../../lab/lab-lines.js'
import { consentryTogether } from '../../support/processes/commands-together.js'
import { scratch, testDatabase } from '../../support/processes/database.js'

const { server } = await testDatabase(t)
const dir = await scratch(t)
const env = { DATABASE_URL: server.url, CONSENTRY_DATA: join(dir, 'data') }
const line = { ...labLines[1]!, number: '700' }
const file = join(dir, 'line.json')
const run = async (...args: string[]) => {
  const result = await consentryTogether(env, 'line', ...args)
  return { ...result, json: result.out.startsWith('[') ? JSON.parse(result.out) : undefined }
}

t.test('the versions of a line say who changed what, and an earlier one is put into force again', async t => {
  await writeFile(file, JSON.stringify(line))
  t.match(await run('set', file, '--by', 'anna'), { code: 0 })
  await writeFile(file, JSON.stringify({ ...line, waitMs: 3_000 }))
  t.match(await run('set', file, '--by', 'boris'), { code: 0 })
  const restored = await run('restore', '700', '--version', '1', '--by', 'clara', '--json')
  t.match(restored, { code: 0, json: [{ number: '700', version: 3, waitMs: line.waitMs }] }, restored.err)
  const back = { field: 'waitMs', before: 3_000, after: line.waitMs }
  t.match((await run('versions', '700', '--json')).json, {
    length: 3,
    0: { version: 3, by: 'clara', way: 'command', inForce: true, changes: { length: 1, 0: back } },
    1: { version: 2, by: 'boris', inForce: false, changes: { length: 1 } },
    2: { version: 1, by: 'anna', inForce: false, changes: { length: 0 } },
  })
  const shown = await run('versions', '700')
  t.match(shown.out, /3 \(in force\).*clara.*Callers have 5 seconds to answer, before 3 seconds\./)
})

t.test('what does not exist is said', async t => {
  t.match(await run('versions', '999'), { code: 1, err: /no line 999/ })
  t.match(await run('restore', '700', '--version', '9'), { code: 1, err: /no version 9/ })
  t.match(await run('restore', '700'), { code: 2, err: /--version N/ })
})
