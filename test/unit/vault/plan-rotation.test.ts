// Real: the plan and the key pairs. Fake: the key files, which are values.
import t from 'tap'
import { generateIdentity, type IdentityJson, type RecipientJson } from '../../../src/vault/crypto/keygen.js'
import { nextRecipients, planRotation } from '../../../src/vault/rotation/key-pairs.js'

/** A new identity. */
const drawn = (since?: string, purpose = 'service'): IdentityJson => ({
  ...generateIdentity(purpose).identity,
  ...(since ? { since } : {}),
})
/** The recipient of an identity. */
const recipientOf = ({ purpose, keyId, publicKey }: IdentityJson): RecipientJson => ({
  purpose,
  keyId,
  publicKey,
})

const [old, next, newer] = [drawn(), drawn('2026-01-01T00:00:00.000Z'), drawn('2027-01-01T00:00:00.000Z')]
const undated = drawn()
const other = drawn(undefined, 'marketing')

t.test('the state of a rotation is determined from the files alone', async t => {
  const cases: [string, IdentityJson[], IdentityJson[], IdentityJson | undefined, IdentityJson[]][] = [
    ['not begun', [old], [old], undefined, [old]],
    ['drawn, not yet a recipient', [old, next], [old], next, [old]],
    ['a recipient, the old one still at hand', [old, next], [next], next, [old]],
    ['finished', [next], [next], undefined, [next]],
    ['the second one drawn', [next, newer], [next], newer, [next]],
    ['the order in the file does not matter', [newer, next], [newer], newer, [next]],
    ['two roles in one file', [old, next], [old, next], undefined, [old, next]],
    ['a new one for two roles', [old, next, newer], [old, next], newer, [old, next]],
    ['two without a date', [undated, old], [old], old, [undated]],
  ]
  for (const [name, identities, recipients, current, retired] of cases) {
    const plan = planRotation('service', {
      identities: [other, ...identities],
      recipients: [recipientOf(other), ...recipients.map(recipientOf)],
    })
    t.equal(plan.current, current, name)
    t.strictSame(plan.retired, retired, name)
  }
})

t.test('files that do not belong together are refused, and so is a purpose without identity', async t => {
  const recipients = [recipientOf(old)]
  t.throws(() => planRotation('service', { recipients, identities: [next] }), { code: 'config.invalid' })
  t.throws(() => planRotation('marketing', { recipients, identities: [old] }), { code: 'key.missing' })
})

t.test('the new recipient replaces the old one, and all others stay', async t => {
  const elsewhere = drawn()
  const recipients = [recipientOf(other), recipientOf(old), recipientOf(elsewhere)]
  const changed = nextRecipients(recipients, { current: next, retired: [old] })
  t.strictSame(changed, [recipientOf(other), recipientOf(next), recipientOf(elsewhere)])
  t.strictSame(
    nextRecipients(changed, { current: next, retired: [old] }),
    changed,
    'a second replacement changes nothing',
  )
  t.strictSame(
    nextRecipients([recipientOf(elsewhere), recipientOf(old), recipientOf(next)], {
      current: next,
      retired: [old],
    }),
    [recipientOf(elsewhere), recipientOf(next)],
    'a recipient that is already there is not added again',
  )
})

t.test('a key pair that serves two purposes is replaced in one of them alone', async t => {
  const twin = { ...old, purpose: 'marketing', keyId: 'marketing-twin' }
  const recipients = [recipientOf(old), recipientOf(twin)]
  const begun = planRotation('service', { recipients, identities: [old, twin] })
  t.strictSame(begun, { current: undefined, retired: [old] })
  const changed = nextRecipients(recipients, { current: next, retired: [old] })
  t.strictSame(changed, [recipientOf(next), recipientOf(twin)], 'the other purpose keeps its recipient')
  const pairs = { recipients: changed, identities: [old, twin, next] }
  t.strictSame(planRotation('service', pairs), { current: next, retired: [old] }, 'an interrupted one')
  t.strictSame(planRotation('marketing', pairs), { current: undefined, retired: [twin] })
})
