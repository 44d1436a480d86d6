// Real: PostgreSQL, the journal, the service socket, files, the command. Fake: none.
// The console brings the public half of a key to a running service, once for each purpose.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { readConfig } from '../../../../src/config/config.js'
import { systemClock } from '../../../../src/core/clock.js'
import { event } from '../../../../src/core/events.js'
import { extendKey, giveKey, readHearing, recipientTaker } from '../../../../src/site/recipients.js'
import { listenForRequests } from '../../../../src/socket/listen.js'
import { serviceSocket } from '../../../../src/socket/protocol.js'
import { generateIdentity, parseIdentities } from '../../../../src/vault/crypto/keygen.js'
import { wordsOfSecret } from '../../../../src/vault/crypto/recovery-words.js'
import type { Recipient } from '../../../../src/vault/crypto/types.js'
import { matchEach } from '../../../support/assertions/match-each.js'
import { person } from '../../../support/data/actors.js'
import { APPEND_LIMIT_MS } from '../../../support/data/journal.js'
import { told } from '../../../support/data/told-events.js'
import { consentryReading } from '../../../support/processes/command-with-input.js'
import { testConsole } from '../../../support/processes/console.js'
import { scratch, silent } from '../../../support/processes/database.js'
import { socketHandlers } from '../../../support/processes/socket-handlers.js'

const { deps, admin } = await testConsole(t)
const anna = person('anna')
const { recipient, identity } = generateIdentity('service')

/** A service that takes recipients. */
async function taking(t: Test, settings: Record<string, string> = {}) {
  const data = join(await scratch(t), 'data')
  const config = readConfig({ CONSENTRY_DATA: data, CONSENTRY_NODE: 'north', ...settings }, 'tool')
  const recipients: Recipient[] = [...config.recipients]
  const take = recipientTaker({ ...admin, config, recipients })
  const listener = await listenForRequests(serviceSocket(data), {
    ...{ handlers: socketHandlers({ 'add-recipients': take }), clock: systemClock, log: silent },
  })
  t.teardown(() => listener.stop())
  return {
    config,
    recipients,
    give: { db: deps.db, clock: systemClock, config },
    file: join(data, 'recipients.json'),
  }
}

t.test('a key is taken, journalled, kept and sealed for without a restart', async t => {
  const { config, recipients, give, file } = await taking(t)
  await admin.journal.append(
    [event('service.started', null, 0, { version: '1', node: 'north', keys: [], purposes: [] })],
    APPEND_LIMIT_MS,
  )
  const nothing = await readHearing({ db: deps.db, config })
  t.strictSame(nothing, { purposes: [{ purpose: 'service', keys: [] }], takesKeys: true })
  const { publicKey } = recipient
  const given = await giveKey(give, anna, { purposes: ['service', 'marketing'], publicKey })
  const keys = [recipient.keyId, recipient.keyId.replace('service', 'marketing')]
  t.strictSame(given, { keys })
  t.strictSame(
    recipients.map(({ keyId }) => keyId),
    keys,
    'the running service has them',
  )
  t.strictSame(JSON.parse(await readFile(file, 'utf8'))[0], recipient)
  const again = readConfig({ CONSENTRY_DATA: config.data }, 'tool')
  t.strictSame(
    again.recipients.map(({ keyId }) => keyId),
    keys,
    'and so has the next one',
  )
  t.strictSame((await readHearing({ db: deps.db, config })).purposes, [
    { purpose: 'marketing', keys: [keys[1]] },
    { purpose: 'service', keys: [keys[0]] },
  ])
  const [journalled] = await told(deps.db).select('data').where('type', '=', 'recipients.added').execute()
  t.strictSame(journalled!.data, { by: 'anna', way: 'command', keys, node: 'north' })
  const start = await admin.db
    .selectFrom('node_start')
    .select('keys')
    .where('name', '=', 'north')
    .executeTakeFirst()
  t.strictSame(start?.keys, [...keys].sort(), 'a rotation waits for this service')
})

t.test('nobody is let in to hear beside those who can hear', async t => {
  const { give, recipients, file } = await taking(t)
  const first = { purposes: ['service'], publicKey: recipient.publicKey }
  const other = { purposes: ['service'], publicKey: generateIdentity('service').recipient.publicKey }
  const [one, two] = await Promise.allSettled([giveKey(give, anna, first), giveKey(give, anna, other)])
  const refused = [one, two].find(({ status }) => status === 'rejected')
  t.match(refused, { reason: { code: 'request.conflict', message: /keygen --rotate/ } })
  t.equal(recipients.length, 1)
  t.equal(JSON.parse(await readFile(file, 'utf8')).length, 1)
})

t.test('a further purpose gets the key that is in force, and no other one', async t => {
  const { give, recipients, file } = await taking(t)
  const { publicKey } = recipient
  await giveKey(give, anna, { purposes: ['service'], publicKey })
  const other = generateIdentity('marketing').recipient.publicKey
  await t.rejects(giveKey(give, anna, { purposes: ['marketing'], publicKey: other }), {
    code: 'request.conflict',
    message: /no other one/,
  })
  await t.rejects(extendKey(give, anna, { key: 'service-none', purposes: ['marketing'] }), {
    code: 'not-found',
  })
  const { keys } = await extendKey(give, anna, { key: recipient.keyId, purposes: ['marketing'] })
  t.strictSame(keys, [recipient.keyId.replace('service', 'marketing')])
  t.equal(recipients.length, 2)
  t.equal(JSON.parse(await readFile(file, 'utf8')).length, 2)
})

t.test('a file that a rotation has replaced meanwhile is added to, not put back', async t => {
  const { give, file } = await taking(t)
  const { publicKey } = recipient
  await giveKey(give, anna, { purposes: ['service'], publicKey })
  const rotated = generateIdentity('service').recipient
  await writeFile(file, JSON.stringify([rotated]))
  await extendKey(give, anna, { key: rotated.keyId, purposes: ['marketing'] })
  t.strictSame(
    (JSON.parse(await readFile(file, 'utf8')) as { keyId: string }[]).map(({ keyId }) => keyId),
    [rotated.keyId, rotated.keyId.replace('service', 'marketing')],
  )
})

t.test('what is no key, and what nobody could open, is refused', async t => {
  const { give, recipients } = await taking(t)
  const faults = {
    'not base64': '!',
    'too short': Buffer.alloc(31, 1).toString('base64'),
    'a point of small order': Buffer.alloc(32).toString('base64'),
  }
  for (const [name, publicKey] of Object.entries(faults))
    await t.rejects(
      giveKey(give, anna, { purposes: ['service'], publicKey }),
      { code: 'request.invalid' },
      name,
    )
  const { publicKey } = recipient
  await t.rejects(giveKey(give, anna, { purposes: ['../x'], publicKey }), { code: 'request.invalid' })
  t.strictSame(recipients, [])
})

t.test('a service whose setting has the recipients takes no others', async t => {
  const { give, config } = await taking(t, { CONSENTRY_RECIPIENTS: JSON.stringify([recipient]) })
  t.equal((await readHearing({ db: deps.db, config })).takesKeys, false)
  const wanted = { purposes: ['marketing'], publicKey: recipient.publicKey }
  await t.rejects(giveKey(give, anna, wanted), { code: 'request.invalid', message: /CONSENTRY_RECIPIENTS/ })
})

t.test('the words of a sheet become the identity file again', async t => {
  const dir = await scratch(t)
  const secret = new Uint8Array(Buffer.from(identity.secretKey, 'base64'))
  const words = wordsOfSecret(secret)
  const restored = await consentryReading(words.join('\n'), 'keygen', 'service', '--restore', '--dir', dir)
  t.match(restored, { code: 0, out: new RegExp(identity.keyId) })
  const file = await readFile(join(dir, 'identity.json'), 'utf8')
  matchEach(t, parseIdentities(file), [{ keyId: identity.keyId, purpose: 'service' }])
  t.strictSame(JSON.parse(file), [identity])
  const again = await consentryReading(words.join(' '), 'keygen', 'service', '--restore', '--dir', dir)
  t.match(again, { code: 1, err: /not overwritten/ })
  const slip = [...words.slice(0, 4), 'nonsense', ...words.slice(5)].join(' ')
  const wrong = await consentryReading(slip, 'keygen', 'service', '--restore', '--dir', await scratch(t))
  t.match(wrong, { code: 1, err: /Word 5 is on no recovery sheet/ })
  t.notMatch(wrong.err, /nonsense/, 'no word is repeated')
  const short = await consentryReading('abandon', 'keygen', 'service', '--restore', '--dir', await scratch(t))
  t.match(short, { code: 1, err: /24 words, and these are 1/ })
})
