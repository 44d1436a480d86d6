// Real: the service as a separate process. Fake: none.
// The service waits for a database that does not exist.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import t from 'tap'
import { compiled } from '../../../lab/process/compiled.js'
import { exactly } from '../../support/assertions/exactly.js'
import { scratch } from '../../support/processes/database.js'

t.test('the service warns of each misspelt setting first, and runs on', async t => {
  const dir = await scratch(t)
  const child = spawn(process.execPath, [compiled('cli'), 'serve'], {
    env: {
      DATABASE_URL: 'postgres://consentry:geheim@127.0.0.1:1/consentry',
      ARI_USERNAME: 'consentry',
      ARI_PASSWORD: 'hush',
      CONSENTRY_DATA: join(dir, 'data'),
      CONSENTRY_TAP_DIR: join(dir, 'tap'),
      CONSENTRY_MAX_RECORDING: '20',
      CONSENTRY_UNHEARD_OF: 'hush',
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  t.teardown(() => child.kill('SIGKILL'))
  const lines: { msg: string; setting?: string; meant?: string }[] = []
  for await (const line of createInterface({ input: child.stderr })) {
    lines.push(JSON.parse(line))
    if (line.includes('waiting for the database')) break
  }
  t.match(
    lines.slice(0, 2),
    exactly(
      {
        level: 40,
        setting: 'CONSENTRY_MAX_RECORDING',
        meant: 'CONSENTRY_MAX_RECORDINGS',
        msg: /no such setting/,
      },
      { level: 40, setting: 'CONSENTRY_UNHEARD_OF', msg: /no such setting/ },
    ),
  )
  // Before it waits, a service on a machine without a runtime folder also warns of that.
  t.match(lines.at(-1), { msg: /waiting for the database/ })
  t.notOk(lines[1]?.meant)
  t.notOk(JSON.stringify(lines).includes('hush'), 'the values of the settings are not logged')
})
