// Real: the rules of passphrases, argon2id, the bounded queue. Fake: none.
import t from 'tap'
import { checkPassphrase, hashPassphrase, verifyPassphrase } from '../../../src/accounts/passphrases.js'

const refused = (passphrase: string, name = 'maria') => {
  try {
    checkPassphrase(passphrase, name)
    return false
  } catch (error) {
    return (error as { code: string }).code === 'request.invalid'
  }
}

t.test('a passphrase has 12 to 256 characters of any kind', async t => {
  for (const good of [
    'eleven quiet herons',
    'четыре тихих кота',
    '🦊🐢🦉🐙🦊🐢🦉🐙🐝🦀🐳🦔',
    ' two blanks at its ends ',
    'x8$Kq!z0Lm2v',
    `${'цапля '.repeat(42)}конь`,
  ])
    t.notOk(refused(good), good)
  for (const bad of ['', 'elevenchars', '🦊'.repeat(11), 'ﬁ'.repeat(5), `a ${'lake '.repeat(51)}`])
    t.ok(refused(bad), bad)
})

t.test('a passphrase is neither the name nor what attackers try first', async t => {
  for (const bad of [
    ...['mariamariamaria', 'MariaMariaMaria'],
    ...['passwordpassword', 'Password1234', 'QWERTY123456', '1q2w3e4r5t6y', 'unbelievable'],
    ...['consentry1234', 'AdministratorConsole', 'consentconsent'],
    ...['aaaaaaaaaaaaaaa', '121212121212', '123456789123456789', 'ghbdtnrfrltkf'],
  ])
    t.ok(refused(bad), bad)
  t.ok(refused('ｐａｓｓｗｏｒｄ１２３４'), 'full-width letters are the same letters')
})

t.test('hashes are argon2id with a salt of their own, and hold however the text was typed', async t => {
  const typed = 'Ångström für alle'
  const [one, other] = [await hashPassphrase(typed), await hashPassphrase(typed)]
  t.match(one, /^\$argon2id\$v=19\$m=65536,t=3,p=1\$/)
  t.not(one, other)
  t.equal(await verifyPassphrase(one, typed.normalize('NFD')), true)
  t.equal(await verifyPassphrase(one, typed.toLowerCase()), false)
  t.equal(await verifyPassphrase(undefined, 'Consentry nobody'), false)
})

t.test('so many hashes wait and no more', async t => {
  const all = await Promise.allSettled(Array.from({ length: 24 }, () => verifyPassphrase(undefined, 'x')))
  const failed = all.flatMap(one => (one.status === 'rejected' ? [one.reason.code] : []))
  t.strictSame(failed, ['sign-in.busy', 'sign-in.busy'])
  t.equal(await verifyPassphrase(undefined, 'x'), false, 'the next one is taken again')
})
