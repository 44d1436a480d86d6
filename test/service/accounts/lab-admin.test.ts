// Real: PostgreSQL with the console's role, argon2id, the journal. Fake: none.
import { join } from 'node:path'
import t from 'tap'
import { addLabAdmin } from '../../../lab/lab-admin.js'
import { codeAt } from '../../../src/accounts/second-factor.js'
import { signIn } from '../../../src/accounts/sign-in.js'
import { ROLES } from '../../../src/core/actor.js'
import { systemClock } from '../../../src/core/clock.js'
import { Secret } from '../../../src/core/secret.js'
import { openDatabase } from '../../../src/db/database.js'
import { startTestJournal } from '../../support/data/journal.js'
import { CONNECTION_LIMIT_MS } from '../../support/processes/connection-limit.js'
import { scratch, silent, testDatabase } from '../../support/processes/database.js'

t.test('the administrator of a lab signs in at once, and a second lab replaces the credentials', async t => {
  const { server } = await testDatabase(t)
  const data = join(await scratch(t), 'data')
  const lab = { url: server.consoleUrl, data, log: silent }
  const first = await addLabAdmin(lab)
  const second = await addLabAdmin(lab)
  const db = openDatabase(server.consoleUrl, CONNECTION_LIMIT_MS)
  t.teardown(() => db.close())
  const config = { data, secondFactor: 'required' as const }
  const deps = { db, config, clock: systemClock, journal: startTestJournal(t, server.consoleUrl) }
  const enter = ({ user, password, totp }: typeof first) =>
    signIn(deps, {
      ...{ name: user, passphrase: new Secret(password), address: '127.0.0.1' },
      code: new Secret(codeAt(totp, systemClock.now())),
    })
  await t.rejects(enter(first), { code: 'sign-in.refused' })
  t.match(await enter(second), { actor: { name: 'admin', roles: ROLES } })
})
