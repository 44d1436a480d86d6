// Real: PostgreSQL, journal, folders, the command as a separate process. Fake: the content of containers and keys.
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { acquireSessionLock } from '../../../src/db/session-lock.js'
import { MARK_FILE } from '../../../src/vault/volume.js'
import { exactly } from '../../support/assertions/exactly.js'
import { fillArchive, isOnDisk, openArchive } from '../../support/data/archive.js'
import { consentry } from '../../support/processes/command.js'
import { consentryTogether } from '../../support/processes/commands-together.js'
import { scratch, testDatabase } from '../../support/processes/database.js'

const { db, server, asService } = await testDatabase(t)

/** Makes recordings that are due, and settings that name their stores. */
async function site(t: Test, count: number) {
  const dir = await scratch(t)
  const archive = await openArchive(dir, db, server.url, { mirrors: 1 })
  t.teardown(() => archive.deps.journal.stop())
  const kept = await fillArchive(archive, server.adminUrl, { count })
  const env = {
    DATABASE_URL: server.url,
    CONSENTRY_DATA: join(dir, 'data'),
    CONSENTRY_STORE: `file:${archive.store}`,
    CONSENTRY_KEYSTORE: `file:${archive.keys[0]}`,
  }
  return { archive, kept, env, dir }
}

t.test('a purge during another purge or a rotation says that it did nothing', async t => {
  const { archive, kept, env } = await site(t, 1)
  await acquireSessionLock(asService, { name: 'purge', purpose: 'purge' })
  const told = await consentry(env, 'purge')
  t.match(told, { code: 1, out: /^Another purge or a key rotation is running; this one did nothing\./ })
  const { code, out } = await consentryTogether(env, 'purge', '--json')
  t.match({ code, out: JSON.parse(out) }, { code: 1, out: { busy: true, destroyed: 0 } })
  t.ok(isOnDisk(archive, kept[0]!))
  await asService.query('select pg_advisory_unlock_all()')
  t.match(await consentryTogether(env, 'purge'), { code: 0 })
  t.notOk(isOnDisk(archive, kept[0]!))
})

t.test('recordings that no store has are reported and stay, and `--lost` destroys them', async t => {
  const { archive, kept, env, dir } = await site(t, 2)
  const moved = async (folder: string, to: string) => {
    await cp(join(folder, MARK_FILE), join(dir, to, MARK_FILE), { recursive: true })
    return `file:${join(dir, to)}`
  }
  const others = {
    ...env,
    CONSENTRY_STORE: await moved(archive.store, 'other-store'),
    CONSENTRY_KEYSTORE: await moved(archive.keys[0]!, 'other-keys'),
  }
  const told = await consentry(others, 'purge')
  t.match(told, { code: 1, out: /found nowhere/ })
  t.match(told.out, /Found nowhere, so left as they are: 2 recordings.*\n.*CONSENTRY_STORE.*\n.*purge --lost/)
  const asked = ['rights', 'erase', kept[0]!.caller, '--reason', 'asked']
  const erased = await consentryTogether(others, ...asked)
  t.match(erased, { code: 1, out: /was found in no store/ })
  t.match(erased.out, /left as they are: 1 recording,/)
  const { code, out } = await consentryTogether(others, ...asked, '--json')
  t.match(
    { code, out: JSON.parse(out) },
    { code: 1, out: { recordings: 0, act: null, stays: exactly({ why: 'missing' }) } },
  )
  t.ok(kept.every(one => isOnDisk(archive, one)))

  t.match(await consentryTogether(others, 'purge', '--dry-run', '--lost'), { code: 2 })
  const lost = await consentry(others, 'purge', '--lost', '--json')
  t.equal(lost.err, '', 'no error is printed')
  t.match(
    { code: lost.code, out: JSON.parse(lost.out) },
    { code: 0, out: { due: 2, destroyed: 2, missing: 0, acts: exactly({ destroyed: 1 }, { destroyed: 1 }) } },
    'an act for each cause',
  )
  t.match(await consentryTogether(others, ...asked), { code: 0 })
})
