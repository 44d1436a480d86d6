// Real: PostgreSQL, journal, key store, disk store, sealed containers, the command. Fake: none.
// Callers can be unknown, so calls with an empty number exist. An unset variable of a script gives an empty number too.
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { main } from '../../../src/cli.js'
import { addHold } from '../../../src/recordings/retain/manage-holds.js'
import { blockPerson, unblockPerson } from '../../../src/rights/block-person.js'
import { findPerson } from '../../../src/rights/collect-person.js'
import { correctPerson } from '../../../src/rights/correct-person.js'
import { erasePerson } from '../../../src/rights/erase-person.js'
import { exportPerson } from '../../../src/rights/export-person.js'
import { openRequest } from '../../../src/rights/requests.js'
import { person } from '../../support/data/actors.js'
import { sealCall, startArchiveSetup } from '../../support/processes/archive-setup.js'
import { scratch } from '../../support/processes/database.js'

const place = await startArchiveSetup(t)
const { deps } = place
const officer = person('officer')
const reason = 'asked in writing'
await sealCall(place, '')
await sealCall(place, '+7301')

const journalled = async () =>
  (await deps.db.selectFrom('event').select('id').execute()).map(({ id }) => String(id)).sort()

t.test('no operation takes an empty number for a person', async t => {
  const before = await journalled()
  const dir = await scratch(t)
  const config = { identities: undefined, log: { dir }, operator: undefined }
  const file = join(dir, 'copy.zip')
  for (const number of ['', ' ']) {
    const action = { number, reason }
    const wanted = { number, kind: 'access', law: 'gdpr' } as const
    const copy = { number, file, recipients: [], purposes: [], reason }
    const attempts: [string, () => Promise<unknown>][] = [
      ['find', () => findPerson(deps, officer, number)],
      ['export', () => exportPerson({ ...deps, config } as never, officer, copy)],
      ['block', () => blockPerson(deps, officer, action)],
      ['unblock', () => unblockPerson(deps, officer, action)],
      ['correct', () => correctPerson(deps, officer, { ...action, to: '+7302' })],
      ['correct to', () => correctPerson(deps, officer, { number: '+7301', reason, to: number })],
      ['erase', () => erasePerson(deps, officer, action)],
      ['request', () => openRequest(deps, officer, wanted)],
      ['hold', () => addHold(deps, officer, { on: number, reason, expiresAt: null })],
    ]
    for (const [name, attempt] of attempts)
      await t.rejects(attempt(), { code: 'request.invalid', message: /it is empty/ }, name)
  }
  t.strictSame(await journalled(), before, 'nothing is journalled')
  t.strictSame(await readdir(dir), [], 'nothing is written')
})

t.test('the command refuses an empty word where it needs one', async t => {
  const { write } = process.stderr
  t.teardown(() => {
    process.stderr.write = write
  })
  process.stderr.write = () => true
  for (const words of [
    ['rights', 'find', ''],
    ['rights', 'erase', '', '--reason', reason, '--by', 'anna'],
    ['hold', 'add', '', '--reason', reason, '--by', 'anna'],
    ['hold', 'remove', '', '--reason', reason, '--by', 'anna'],
    ['line', 'set', '', '--by', 'anna'],
  ])
    t.equal(await main(words), 2, words.join(' '))
})
