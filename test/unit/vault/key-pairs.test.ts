// Real: the files of key pairs, the plan. Fake: the key files, of which there are none.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { generateIdentity, type IdentityJson } from '../../../src/vault/crypto/keygen.js'
import { beginRotation, removeRetired } from '../../../src/vault/rotation/key-pairs.js'

t.test('the end of a rotation leaves an identity that another one has drawn meanwhile', async t => {
  const [service, marketing] = [generateIdentity('service'), generateIdentity('marketing')]
  const dir = t.testdir({
    'recipients.json': JSON.stringify([service.recipient, marketing.recipient]),
    'identity.json': JSON.stringify([service.identity, marketing.identity]),
  })
  const files = { recipients: join(dir, 'recipients.json'), identity: join(dir, 'identity.json') }
  const first = await beginRotation(files, 'service', Date.UTC(2026, 0, 1))
  const second = await beginRotation(files, 'marketing', Date.UTC(2026, 0, 2))
  await removeRetired(files, first)
  const left = JSON.parse(await readFile(files.identity, 'utf8')) as IdentityJson[]
  t.strictSame(
    left.map(({ keyId }) => keyId),
    [marketing.identity.keyId, first.current.keyId, second.current.keyId],
  )
})
