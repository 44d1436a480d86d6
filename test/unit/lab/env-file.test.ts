// Real: a file and the shell that reads it. Fake: none.
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import t from 'tap'
import { saveEnv } from '../../../lab/env-file.js'

t.test('a shell reads every variable unchanged, and keeps its own path and home', async t => {
  const file = join(t.testdir({}), 'env')
  const env = { ODD: `it's "a" $PATH \\ \`b\``, DATABASE_URL: 'postgres://a:b@127.0.0.1:5/c', EMPTY: '' }
  await saveEnv(file, { PATH: '/nowhere', HOME: '/nowhere', ...env })
  const told = execFileSync(
    'sh',
    ['-c', 'set -a; . "$0"; exec "$1" -p "JSON.stringify(process.env)"'].concat(file, process.execPath),
    {
      env: { PATH: process.env['PATH'], HOME: '/here' },
      encoding: 'utf8',
    },
  )
  t.match(JSON.parse(told), { ...env, PATH: process.env['PATH'], HOME: '/here' })
})
