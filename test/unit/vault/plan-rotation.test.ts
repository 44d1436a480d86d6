// Real: the plan and the key pairs. Fake: the key files, which are values.
import t from 'tap'
import { generateIdentity, type IdentityJson, type RecipientJson } from '../../../src/vault/crypto/keygen.js'
import { nextRecipients, planRotation } from '../../../src/vault/rotation/plan-rotation.js'

const drawn = (since?: string, purpose = 'service'): IdentityJson => ({
  ...generateIdentity(purpose).identity,
  ...(since ? { since } : {}),
})
const known = ({ purpose, keyId, publicKey }: IdentityJson): RecipientJson => ({ purpose, keyId, publicKey })

const [old, next, newer] = [drawn(), drawn('2026-01-01T00:00:00.000Z'), drawn('2027-01-01T00:00:00.000Z')]
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
    ['left over from before there were dates', [drawn(), old], [old], old, []],
  ]
  for (const [name, identities, recipients, current, retired] of cases) {
    const plan = planRotation('service', {
      identities: [other, ...identities],
      recipients: [known(other), ...recipients.map(known)],
    })
    t.equal(plan.current, current, name)
    if (retired.length > 0) t.strictSame(plan.retired, retired, name)
    else t.strictSame(plan.retired, identities.slice(0, 1), name)
  }
})

t.test('files that do not belong together are refused, and so is a purpose without identity', async t => {
  const recipients = [known(old)]
  t.throws(() => planRotation('service', { recipients, identities: [next] }), { code: 'config.invalid' })
  t.throws(() => planRotation('marketing', { recipients, identities: [old] }), { code: 'key.missing' })
})

t.test('the new recipient replaces the old one, and all others stay', async t => {
  const elsewhere = drawn()
  const recipients = [known(other), known(old), known(elsewhere)]
  const changed = nextRecipients(recipients, { current: next, retired: [old] })
  t.strictSame(changed, [known(other), known(next), known(elsewhere)])
  t.strictSame(nextRecipients(changed, { current: next, retired: [old] }), changed, 'done once')
  t.strictSame(
    nextRecipients([known(elsewhere), known(old), known(next)], { current: next, retired: [old] }),
    [known(elsewhere), known(next)],
    'when it is one already',
  )
})
