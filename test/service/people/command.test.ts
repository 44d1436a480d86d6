// Real: the command as processes, PostgreSQL. Fake: none.
import { join } from 'node:path'
import t from 'tap'
import { consentry } from '../../support/processes/command.js'
import { scratch, testDatabase } from '../../support/processes/database.js'

const { server, db } = await testDatabase(t)
const env = {
  ...{ DATABASE_URL: server.url, CONSENTRY_DATA: join(await scratch(t), 'data') },
  CONSENTRY_CONSOLE_ORIGIN: 'https://consentry.example',
}
const user = (...words: string[]) => consentry(env, 'user', ...words)

t.test('the command lets a person in by a link that it prints once', async t => {
  t.match(await user('list'), { code: 0, out: /No users yet/ })
  const added = await user('add', 'maria', '--role', 'administrator', '--role', 'auditor', '--by', 'anna')
  t.match(added, {
    code: 0,
    out: /^https:\/\/consentry\.example\/invitation#[\w-]{43}\n$/,
    err: /only this once/,
  })
  t.match(await user('add', 'maria', '--role', 'auditor'), { code: 1, err: /already/ })
  const reset = await user('reset', 'maria', '--json')
  const { link } = JSON.parse(reset.out)
  t.match(link, /#[\w-]{43}$/)
  t.not(link, added.out.trim())
  const [listed] = JSON.parse((await user('list', '--json')).out)
  t.match(listed, { name: 'maria', roles: ['administrator', 'auditor'], state: 'invited', madeBy: 'anna' })
  t.match(await user('list'), { code: 0, out: /maria/ })
  const events = await db.selectFrom('event').select('data').execute()
  for (const printed of [link, added.out.trim()])
    t.notMatch(JSON.stringify(events), printed.split('#')[1]!, 'the journal does not have the link')
})

t.test('the command gives roles, and keeps a person out', async t => {
  t.match(await user('roles', 'maria', '--role', 'operator'), { code: 0, out: /operator/ })
  t.match(await user('disable', 'maria'), { code: 0, out: /disabled/ })
  t.match(await user('disable', 'maria'), { code: 1, err: /already/ })
  t.match(await user('enable', 'maria', '--json'), { code: 0, out: /"disabled": false/ })
  t.match(await user('disable', 'nobody'), { code: 1, err: /no user/ })
  t.match(await user('add', 'ivan'), { code: 2, err: /needs a role/ })
  t.match(await user('add', 'ivan', '--role', 'king'), { code: 2, err: /administrator, supervisor/ })
  t.match(await user('add', 'Ivan IV', '--role', 'auditor'), { code: 1, err: /small letter/ })
})
