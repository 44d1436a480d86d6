// Real: PostgreSQL, journal, folders, the command as a separate process. Fake: the content of containers and keys.
import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { sql } from '../../../../src/db/database.js'
import { openKeyStore } from '../../../../src/vault/keys/key-store.js'
import { fillArchive, hasContainer, hasKey, openArchive } from '../../../support/data/archive.js'
import { consentry } from '../../../support/processes/command.js'
import { consentryTogether } from '../../../support/processes/commands-together.js'
import { scratch, testDatabase } from '../../../support/processes/database.js'

const { db, server } = await testDatabase(t)

t.test('a command with the wrong folders destroys nothing, creates nothing, and reports it', async t => {
  const dir = await scratch(t)
  const archive = await openArchive(dir, db, server.url, { mirrors: 1 })
  t.teardown(() => archive.deps.journal.stop())
  const kept = await fillArchive(archive, server.adminUrl, { count: 3 })
  const right = {
    DATABASE_URL: server.url,
    CONSENTRY_DATA: join(dir, 'data'),
    CONSENTRY_STORE: `file:${archive.store}`,
    CONSENTRY_KEYSTORE: `file:${archive.keys[0]}`,
  }
  const nowhere = `file:${join(dir, 'nowhere')}`
  const foreign = join(dir, 'foreign')
  await mkdir(foreign)
  await openKeyStore(`file:${foreign}`)
  const wrong: [title: string, env: Record<string, string>][] = [
    ['only the database', { DATABASE_URL: server.url, CONSENTRY_DATA: join(dir, 'office') }],
    ['keys of another installation', { ...right, CONSENTRY_KEYSTORE: `file:${foreign}` }],
    ['no store', { ...right, CONSENTRY_STORE: nowhere }],
  ]
  for (const [title, env] of wrong) {
    for (const verb of [['purge'], ['rights', 'erase', kept[0]!.caller, '--reason', 'asked']]) {
      const { code, err } = await consentry(env, ...verb)
      t.match({ code, err }, { code: 1, err: /^consentry: .*right folder.*\n$/ }, `${title}: ${verb[0]}`)
    }
    const begun =
      await sql`select id from recording where state <> 'finished' or revoked_at is not null`.execute(db)
    t.strictSame(begun.rows, [], 'nothing is begun')
    t.equal(kept.filter(one => hasContainer(archive, one)).length, 3, 'no container is gone')
    const { rows } = await sql`
      select type from event where type in ('recording.destroyed', 'act.closed')`.execute(db)
    t.strictSame(rows, [], 'the journal has no destruction')
    const audited = await consentryTogether(env, 'audit', '--json')
    t.match(audited, { code: 1, out: '', err: /right folder/ }, 'nothing counts as missing')
    for (const verb of [['calls'], ['purge', '--dry-run']])
      t.equal(
        (await consentryTogether(env, ...verb, '--json')).code,
        0,
        'what needs none of the folders goes on',
      )
  }
  t.notOk(existsSync(join(dir, 'office')) || existsSync(join(dir, 'nowhere')), 'no folder was made')
  const { code, out, err } = await consentry(right, 'purge', '--json')
  t.match({ code, err, out: JSON.parse(out) }, { code: 0, err: '', out: { destroyed: 3, failed: 0 } })
  t.notOk(kept.some(one => hasKey(archive, one) || hasContainer(archive, one)))
})
