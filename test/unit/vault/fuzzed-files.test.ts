// Real: the cryptography. Fake: the storage; containers and key files are in memory.
// Long: five times as many damaged files.
import fc from 'fast-check'
import t from 'tap'
import { readConfig } from '../../../src/config/config.js'
import { codeOf } from '../../../src/core/errors.js'
import { keyIdsOf, unwrapKey } from '../../../src/vault/crypto/key-file.js'
import { generateIdentity, parseIdentities, parseRecipients } from '../../../src/vault/crypto/keygen.js'
import { hostileValue } from '../../support/fuzz/hostile-values.js'
import { mutate, mutations, replaceInJson } from '../../support/fuzz/mutations.js'
import { position } from '../../support/fuzz/position.js'
import { fuzzRuns } from '../../support/fuzz/seeded.js'
import {
  describe,
  isPrefix,
  keyPair,
  partInfo,
  release,
  SMALL_TALK_PIECES,
  sealPart,
  smallTalk,
} from './fixture.js'

const { recipients, identities } = keyPair()
const info = partInfo()
const [sealed, other] = [info, partInfo()].map(of => sealPart(of, recipients, smallTalk())) as [
  ReturnType<typeof sealPart>,
  ReturnType<typeof sealPart>,
]
const original = describe((await release(sealed.bytes, sealed.wrappedKey, identities)).blocks)

t.test('a changed container yields only audio that was sealed', async t => {
  t.equal(original.length, SMALL_TALK_PIECES, 'the unchanged container yields all of it')
  let yielded = 0
  const changed = fc.oneof(
    mutations.map(changes => mutate(sealed.bytes, changes)),
    // Combines two containers with the same recipients.
    fc
      .tuple(position, position)
      .map(([from, to]) =>
        Buffer.concat([
          sealed.bytes.subarray(0, Math.floor(from * sealed.bytes.length)),
          other.bytes.subarray(Math.floor(to * other.bytes.length)),
        ]),
      ),
  )
  await t.resolves(
    fc.assert(
      fc.asyncProperty(changed, async bytes => {
        const { blocks, complete } = await release(bytes, sealed.wrappedKey, identities)
        yielded += blocks.length
        return isPrefix(blocks, original) && (!complete || bytes.equals(sealed.bytes))
      }),
      fuzzRuns(1_500, 7_500),
    ),
  )
  t.ok(yielded > 100, `${yielded} blocks were yielded`)
})

/** JSON documents with one changed value, and damaged documents. */
const changesOf = (document: unknown) =>
  fc.oneof(
    mutations.map(changes => mutate(Buffer.from(JSON.stringify(document)), changes).toString()),
    fc.tuple(position, hostileValue).map(([at, value]) => replaceInJson(document, at, value)),
  )
/** Whether the work succeeds or fails with one of these codes. Counts both. @throws an error without a code */
const endsWell = (
  codes: string[],
  counts: { done: number; refused: number },
  work: () => unknown,
): boolean => {
  try {
    work()
    counts.done += 1
    return true
  } catch (error) {
    const code = codeOf(error)
    if (code === undefined) throw error
    counts.refused += 1
    return codes.includes(code)
  }
}

t.test('a changed key file opens or is refused', async t => {
  const changed = changesOf(JSON.parse(sealed.wrappedKey.toString()))
  const counts = { done: 0, refused: 0 }
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(changed, text => {
        const bytes = Buffer.from(text)
        const codes = ['key.refused', 'key.missing']
        return (
          endsWell(codes, counts, () => unwrapKey(bytes, info, identities)) &&
          endsWell(codes, counts, () => keyIdsOf(bytes, info.part))
        )
      }),
      fuzzRuns(1_000, 5_000),
    ),
  )
  t.ok(counts.done > 20 && counts.refused > 20, JSON.stringify(counts))
})

t.test('changed recipients and identities are read, or refused with a message', async t => {
  const pair = generateIdentity('service')
  const codes = ['config.invalid']
  for (const [document, name, parse] of [
    [[pair.recipient], 'CONSENTRY_RECIPIENTS', parseRecipients],
    [[pair.identity], 'CONSENTRY_IDENTITY', parseIdentities],
  ] as const) {
    const counts = { done: 0, refused: 0 }
    t.doesNotThrow(() =>
      fc.assert(
        fc.property(
          changesOf(document),
          text =>
            endsWell(codes, counts, () => parse(text)) &&
            endsWell(codes, counts, () => readConfig({ CONSENTRY_DATA: '/nowhere', [name]: text }, 'tool')),
        ),
        fuzzRuns(400, 2_000),
      ),
    )
    t.ok(counts.done > 20 && counts.refused > 20, `${name}: ${JSON.stringify(counts)}`)
  }
})
