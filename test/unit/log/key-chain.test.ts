// Real: statements, signatures, the chain of keys. Fake: none.
// Long: ten times as many changed statements.
import fc from 'fast-check'
import t from 'tap'
import { parseCheckpoint } from '../../../src/log/notes/checkpoint.js'
import { KeyChain } from '../../../src/log/notes/key-chain.js'
import { parseNote } from '../../../src/log/notes/note.js'
import { keyText, parseRotation, statementsIn } from '../../../src/log/notes/rotation.js'
import { TrustedLogKeys, trustIn } from '../../../src/log/notes/trusted-keys.js'
import { leafHash } from '../../../src/log/tree/hash.js'
import { forgedStatements, handOver, logSigner } from '../../support/fakes/rotations.js'
import { mutate, mutations } from '../../support/fuzz/mutations.js'
import { fuzzRuns } from '../../support/fuzz/seeded.js'

const ORIGIN = 'log.example.org/consentry'
const [first, second, third, thief] = ['', '', '', ''].map(() => logSigner(ORIGIN)) as [
  ReturnType<typeof logSigner>,
  ReturnType<typeof logSigner>,
  ReturnType<typeof logSigner>,
  ReturnType<typeof logSigner>,
]
const root = leafHash('leaf')
const one = handOver(first, second, { size: 100, root })
const two = handOver(second, third, { size: 200, root })
const chain = KeyChain.from(first.verifier, [one, two])

t.test('a statement of both keys is read as it was signed', async t => {
  const rotation = parseRotation(one)!
  t.match(rotation, { size: 100, root, note: one })
  t.strictSame([rotation.from, rotation.to].map(keyText), [first.key, second.key])
  t.equal(parseCheckpoint(parseNote(one)!.text), undefined, 'and it is no checkpoint')
})

t.test('no other statement is one', async t => {
  for (const [what, forged] of Object.entries(forgedStatements(one, first, second, thief))) {
    t.not(forged, one, what)
    t.equal(parseRotation(forged), undefined, what)
  }
  const changed = fc.property(mutations, all => {
    const text = mutate(Buffer.from(one), all).toString()
    return text === one || parseRotation(text) === undefined
  })
  t.doesNotThrow(() => fc.assert(changed, fuzzRuns(300, 3_000)))
})

t.test('each key signs the sizes between two statements', async t => {
  const inForce = (size: number) => keyText(chain.inForce(size))
  t.strictSame([1, 99, 100].map(inForce), [first.key, first.key, first.key])
  t.strictSame([101, 200].map(inForce), [second.key, second.key])
  t.strictSame([201, 10_000].map(inForce), [third.key, third.key])
  t.equal(keyText(chain.newest), third.key)
  t.strictSame(KeyChain.from(first.verifier, [two, one, one]).statements, [one, two], 'in any order')
  t.strictSame(
    [100, 101, 200, 201].map(size => chain.upTo(size).keys.length),
    [1, 2, 2, 3],
  )
})

t.test('a statement that does not continue the keys before it counts nowhere', async t => {
  const rival = handOver(first, thief, { size: 150, root })
  const cases: [what: string, statements: string[], kept: string[]][] = [
    ['of a key that was rotated', [one, rival], [one]],
    ['of a key that is unknown', [two], []],
    ['back to a former key', [one, handOver(second, first, { size: 300, root })], [one]],
    ['of no more leaves than the one before', [one, handOver(second, third, { size: 100, root })], [one]],
    ['that the thief of the former key alone signed', [one.replace(second.key, thief.key)], []],
  ]
  for (const [what, statements, kept] of cases)
    t.strictSame(KeyChain.from(first.verifier, statements).statements, kept, what)
  const elsewhere = logSigner('elsewhere.example')
  const strange = handOver(first, elsewhere, { size: 100, root })
  t.equal(parseRotation(strange), undefined, 'nor one between two logs')
})

t.test('trust goes to the newer key, never back, and ends with the statement', async t => {
  const all = { keys: [first.key], rotations: [two, one] }
  const trusted = new TrustedLogKeys(all)
  t.ok([first, second, third].every(({ key }) => trusted.has(key)))
  const permitted = (signer: typeof first, ...sizes: number[]) =>
    sizes.map(size => trusted.permits(signer.verifier, size))
  t.strictSame(permitted(first, 1, 100, 101), [true, true, false])
  t.strictSame(permitted(second, 100, 101, 200, 201), [false, true, true, false])
  t.strictSame(permitted(third, 200, 201), [false, true])
  const newest = new TrustedLogKeys({ ...all, keys: [second.key] })
  t.strictSame(
    [first, second, third].map(({ key }) => newest.has(key)),
    [false, true, true],
  )
  t.ok(trusted.contradicts(parseRotation(handOver(first, thief, { size: 50, root }))!))
  t.notOk(trusted.contradicts(parseRotation(one)!))
})

t.test('a file of keys may have statements after them', async t => {
  const file = `${second.key}\n\n${one}\n${two}\n`
  t.strictSame(trustIn(file), { keys: [second.key], rotations: [one, two] })
  t.strictSame(statementsIn(`the first:\n${one}`), [one])
  t.throws(() => trustIn(file.replace('\n100\n', '\n101\n')), { code: 'request.invalid' })
})
