// Real: the words of recovery sheets, libsodium. Fake: none.
// The entropies and words are those of BIP 39's own test vectors for 256 bits.
import t from 'tap'
import { generateIdentity, identitiesOf } from '../../../src/vault/crypto/keygen.js'
import { secretOfWords, wordsOfSecret } from '../../../src/vault/crypto/recovery-words.js'

const VECTORS: [byte: number, words: string][] = [
  [0x00, `${'abandon '.repeat(23)}art`],
  [
    0x7f,
    `${'legal winner thank year wave sausage worth useful '.repeat(2)}legal winner thank year wave sausage worth title`,
  ],
  [
    0x80,
    `${'letter advice cage absurd amount doctor acoustic avoid '.repeat(2)}letter advice cage absurd amount doctor acoustic bless`,
  ],
  [0xff, `${'zoo '.repeat(23)}vote`],
]

t.test('words are those of BIP 39', async t => {
  for (const [byte, words] of VECTORS) {
    const secret = new Uint8Array(32).fill(byte)
    t.equal(wordsOfSecret(secret).join(' '), words)
    t.strictSame(secretOfWords(words), secret)
  }
})

t.test('words are read as people type them from paper, and a slip is found', async t => {
  const { identity } = generateIdentity('service')
  const secret = new Uint8Array(Buffer.from(identity.secretKey, 'base64'))
  const words = wordsOfSecret(secret)
  const numbered = words.map((word, i) => `${i + 1}. ${word.toUpperCase()}\n`).join('')
  t.strictSame(secretOfWords(numbered), secret)
  t.equal(secretOfWords(words.slice(1).join(' ')), undefined, 'a word is missing')
  t.equal(secretOfWords([...words.slice(0, 23), 'nonsense'].join(' ')), undefined, 'no word of the list')
  t.equal(secretOfWords(`${'abandon '.repeat(23)}zoo`), undefined, 'the checksum is wrong')
  t.equal(secretOfWords(''), undefined)
})

t.test('the identity of a secret key is that of keygen, for each purpose', async t => {
  const { identity } = generateIdentity('service')
  const secret = new Uint8Array(Buffer.from(identity.secretKey, 'base64'))
  const [first, second] = identitiesOf(['service', 'marketing'], secret)
  t.strictSame(first, identity)
  t.strictSame(second, {
    ...identity,
    purpose: 'marketing',
    keyId: identity.keyId.replace('service', 'marketing'),
  })
})
