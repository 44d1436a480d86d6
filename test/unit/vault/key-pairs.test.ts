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

t.test('the end of a rotation leaves the identity of another purpose that has the same id', async t => {
  const { identity, recipient } = generateIdentity('service')
  const forBoth = <Half extends object>(half: Half) =>
    ['service', 'marketing'].map(purpose => ({ ...half, purpose, keyId: 'main' }))
  const dir = t.testdir({
    'recipients.json': JSON.stringify(forBoth(recipient)),
    'identity.json': JSON.stringify(forBoth(identity)),
  })
  const files = { recipients: join(dir, 'recipients.json'), identity: join(dir, 'identity.json') }
  const begun = await beginRotation(files, 'service', Date.UTC(2026, 0, 1))
  await removeRetired(files, begun)
  const left = async (file: string) =>
    (JSON.parse(await readFile(file, 'utf8')) as IdentityJson[]).map(({ purpose, keyId }) => [purpose, keyId])
  const { keyId } = begun.current
  t.strictSame(await left(files.identity), [
    ['marketing', 'main'],
    ['service', keyId],
  ])
  t.strictSame(await left(files.recipients), [
    ['service', keyId],
    ['marketing', 'main'],
  ])
})
