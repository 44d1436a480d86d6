// Real: the parser and the key files. Fake: the environment.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import t from 'tap'
import { readConfig } from '../../../src/config/config.js'
import { matchEach } from '../../support/assertions/match-each.js'
import { configFault, identity, key, pbx, recipient } from '../../support/data/config.js'

t.test('keys are read from files, and the message about a missing or damaged file quotes no key', async t => {
  const dir = mkdtempSync(join(tmpdir(), 'consentry-config-'))
  t.teardown(() => rmSync(dir, { recursive: true }))
  const [recipients, identities, broken] = ['recipients.json', 'identity.json', 'broken.json'].map(name =>
    join(dir, name),
  )
  writeFileSync(recipients!, JSON.stringify([recipient]))
  writeFileSync(identities!, JSON.stringify([identity]))
  writeFileSync(broken!, '{"secretKey":')
  const config = readConfig({ ...pbx, CONSENTRY_RECIPIENTS: recipients!, CONSENTRY_IDENTITY: identities! })
  matchEach(t, config.recipients, [{ keyId: 'service-1' }])
  t.strictSame(JSON.parse(config.identities!.reveal()), [identity])
  t.match(
    configFault({ ...pbx, CONSENTRY_IDENTITY: broken! }),
    /CONSENTRY_IDENTITY: the file does not hold JSON/,
  )
  for (const name of ['CONSENTRY_IDENTITY', 'CONSENTRY_RECIPIENTS'])
    t.match(
      configFault({ ...pbx, [name]: join(dir, 'none.json') }),
      `${name}: there is no such file: ${join(dir, 'none.json')}; give what consentry keygen prints`,
    )
  t.match(configFault({ ...pbx, CONSENTRY_IDENTITY: 'here.json' }), `no such file: ${resolve('here.json')};`)
  t.match(configFault({ ...pbx, CONSENTRY_IDENTITY: dir }), `${dir} cannot be read: EISDIR;`)
  for (const secret of [key(2), Buffer.alloc(32, 2).toString('hex'), `"${key(2)}"`, `secretKey:'x'`]) {
    const message = configFault({ ...pbx, CONSENTRY_IDENTITY: secret })
    t.match(message, /CONSENTRY_IDENTITY: neither JSON nor a file/)
    t.notOk(message.includes(secret), 'a value that may be a key is not quoted')
  }
})

t.test('a key file given in place of the other one is refused', async t => {
  const dir = t.testdir({
    'recipients.json': JSON.stringify([recipient]),
    'identity.json': JSON.stringify([recipient, identity]),
  })
  const message = configFault({ ...pbx, CONSENTRY_RECIPIENTS: join(dir, 'identity.json') })
  t.match(
    message,
    /CONSENTRY_RECIPIENTS: this is identity\.json, .* not be on the recording host.* give recipients\.json/,
  )
  t.notOk(message.includes(identity.secretKey))
  t.match(
    configFault({ ...pbx, CONSENTRY_IDENTITY: join(dir, 'recipients.json') }),
    /CONSENTRY_IDENTITY: this is recipients\.json, .* give identity\.json/,
  )
})
