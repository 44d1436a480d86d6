// Real: key pairs. Fake: none.
import { inspect } from 'node:util'
import t from 'tap'
import { generateIdentity, parseIdentities, parseRecipients } from '../../../src/vault/crypto/keygen.js'

const refusal = (work: () => unknown): string => {
  try {
    work()
  } catch (error) {
    return `${(error as { code?: string }).code}: ${(error as Error).message}`
  }
  return 'none'
}

t.test('a generated key pair can be parsed, and no two are equal', async t => {
  const { recipient, identity } = generateIdentity('service')
  t.match(recipient.keyId, /^service-[0-9a-f]{8}$/)
  t.notOk('secretKey' in recipient)
  const [read] = parseRecipients(JSON.stringify([recipient]))
  t.equal(Buffer.from(read!.publicKey).toString('base64'), recipient.publicKey)
  const [own] = parseIdentities(JSON.stringify([identity]))
  t.equal(Buffer.from(own!.secretKey.reveal()).toString('base64'), identity.secretKey)
  t.not(generateIdentity('service').identity.secretKey, identity.secretKey)
})

t.test('an identity does not show its secret when it is printed', async t => {
  const { identity } = generateIdentity('service')
  const [own] = parseIdentities(JSON.stringify([identity]))
  for (const shown of [inspect(own, { depth: 9 }), JSON.stringify(own), `${own!.secretKey}`])
    t.notOk(shown.includes(identity.secretKey) || /secretKey.{0,20}<Buffer/.test(shown), shown)
})

t.test('an invalid key is refused, and the message names the field and not its value', async t => {
  const { recipient, identity } = generateIdentity('service')
  const other = generateIdentity('service').identity
  const cases: [string, () => unknown][] = [
    ['recipients: not JSON', () => parseRecipients('{')],
    ['recipients: not an array', () => parseRecipients(JSON.stringify(recipient))],
    [
      'recipients[0].purpose: missing',
      () => parseRecipients(JSON.stringify([{ ...recipient, purpose: '' }])),
    ],
    [
      'recipients[1].keyId: missing',
      () => parseRecipients(JSON.stringify([recipient, { ...recipient, keyId: 1 }])),
    ],
    [
      'recipients[0].publicKey: not 32',
      () => parseRecipients(JSON.stringify([{ ...recipient, publicKey: 'AAAA' }])),
    ],
    ['recipients: this is identity.json', () => parseRecipients(JSON.stringify([recipient, identity]))],
    ['identities: this is recipients.json', () => parseIdentities(JSON.stringify([recipient]))],
    ['identities[1].secretKey: missing', () => parseIdentities(JSON.stringify([identity, recipient]))],
    [
      'identities[0]: secretKey and publicKey do not belong to the same pair',
      () => parseIdentities(JSON.stringify([{ ...identity, secretKey: other.secretKey }])),
    ],
  ]
  for (const [message, work] of cases) {
    const refused = refusal(work)
    t.ok(refused.startsWith(`config.invalid: ${message}`), refused)
    for (const { secretKey } of [identity, other]) t.notOk(refused.includes(secretKey))
  }
})
