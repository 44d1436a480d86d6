// Real: the command as processes, PostgreSQL. Fake: none.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { told } from '../../support/data/told-events.js'
import { consentry } from '../../support/processes/command.js'
import { consentryTogether } from '../../support/processes/commands-together.js'
import { scratch, testDatabase } from '../../support/processes/database.js'

const { server, db } = await testDatabase(t)
const dir = await scratch(t)
const env = {
  ...{ DATABASE_URL: server.url, CONSENTRY_DATA: join(dir, 'data') },
  CONSENTRY_CONSOLE_ORIGIN: 'https://consentry.example',
}
const user = (...words: string[]) => consentryTogether(env, 'user', ...words)

t.test('the command lets a person in by a link that it prints once', async t => {
  t.match(await user('list'), { code: 0, out: /No users yet/ })
  const roles = ['--role', 'administrator', '--role', 'auditor']
  const added = await consentry(env, 'user', 'add', 'maria', ...roles, '--by', 'anna')
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
  const events = await told(db).select('data').execute()
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
  t.match(await user('add', 'Ivan IV', '--role', 'auditor'), { code: 1, err: /begins with a letter/ })
})

t.test('the command publishes rules and records trainings, as the console does', async t => {
  const rules = (...words: string[]) => consentryTogether(env, 'rules', ...words)
  t.match(await rules('show'), { code: 1, out: 'No rules are in force.\n' })
  const file = join(dir, 'rules.txt')
  await writeFile(file, 'Tell nobody.\r\nWrite nothing down.\n')
  const published = await rules('publish', file, '--by', 'anna')
  t.match(published, { code: 0, out: /version [0-9a-f]{64}\n$/ }, published.err)
  t.match(await rules('publish', file, '--by', 'anna'), { code: 1, err: /in force already/ })
  t.match(await rules('show'), { code: 0, out: 'Tell nobody.\nWrite nothing down.\n' })
  t.match(await rules('list'), { code: 0, out: /in force.*anna/s })
  t.match(JSON.parse((await rules('list', '--json')).out), {
    length: 1,
    0: { acknowledged: 0, inForce: true },
  })

  t.match(await user('training', 'maria'), { code: 2, err: /--what TEXT/ })
  const trained = ['training', 'maria', '--what', 'How to treat recordings', '--by', 'anna']
  t.match(await user(...trained, '--on', '2999-01-31'), { code: 1, err: /yet to come/ })
  const recorded = await user(...trained, '--on', '2026-01-31')
  t.match(recorded, { code: 0, out: 'A training of maria on 2026-01-31 is recorded.\n' }, recorded.err)
  const [maria] = JSON.parse((await user('list', '--json')).out)
  t.match(maria, { name: 'maria', training: { what: 'How to treat recordings', on: '2026-01-31' } })
  const deeds = await told(db).select(['type', 'data']).where('type', '=', 'training.recorded').execute()
  t.match(deeds, { length: 1, 0: { data: { by: 'anna', way: 'command', name: 'maria' } } })
})
