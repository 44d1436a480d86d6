// Real: the order of the work, sealing. Fake: the key store, which has its key files in memory.
import t from 'tap'
import { newPartId } from '../../../src/core/ids.js'
import { keyIdsOf, wrapKey } from '../../../src/vault/crypto/key-file.js'
import type { KeyEntry, KeyRef, KeyStore } from '../../../src/vault/keys/key-store.js'
import { resealKeys } from '../../../src/vault/rotation/reseal-keys.js'
import { keyPair } from './fixture.js'

/** More than are resealed at once. */
const KEYS = 40

t.test('no further key file is resealed once the lock is lost', async t => {
  const [former, next] = [keyPair(), keyPair()]
  const entries: KeyEntry[] = Array.from({ length: KEYS }, () => ({
    purpose: 'service',
    due: '2026-02-14',
    part: newPartId(),
    modifiedAt: 0,
  }))
  const losing = new AbortController()
  let begun = 0
  const keyStore: Pick<KeyStore, 'list' | 'reseal'> = {
    async *list() {
      yield* entries
    },
    async reseal({ part }: KeyRef, change) {
      begun++
      change(wrapKey(Buffer.alloc(32), part, former.recipients))
      await Promise.resolve()
      losing.abort(new Error('the lock is lost'))
      return 1
    },
  }
  const resealing = resealKeys({
    keyStore: keyStore as KeyStore,
    purpose: 'service',
    recipients: next.recipients,
    identities: former.identities,
    findDestroyed: async () => new Set(),
    partsNeedingKey: async () => new Set(),
    lost: losing.signal,
  })
  await t.rejects(resealing, { message: 'the lock is lost' })
  t.ok(begun > 0 && begun < KEYS, `${begun} were begun before`)
})

t.test('a key file that a former identity still opens is resealed for the recipients alone', async t => {
  const [former, next] = [keyPair(), keyPair()]
  const entries = [newPartId(), newPartId()].map(part => ({
    ...{ purpose: 'service', due: '2026-02-14', part, modifiedAt: 0 },
  }))
  const [both, right] = entries.map(({ part }, i) =>
    wrapKey(
      Buffer.alloc(32, 7),
      part,
      i === 0 ? [...former.recipients, ...next.recipients] : next.recipients,
    ),
  )
  const files = new Map([
    [entries[0]!.part, both!],
    [entries[1]!.part, right!],
  ])
  const keyStore: Pick<KeyStore, 'list' | 'reseal'> = {
    async *list() {
      yield* entries
    },
    async reseal({ part }: KeyRef, change) {
      const changed = change(files.get(part)!)
      if (changed) files.set(part, changed)
      return changed ? 1 : 0
    },
  }
  const report = await resealKeys({
    keyStore: keyStore as KeyStore,
    purpose: 'service',
    recipients: next.recipients,
    identities: [...former.identities, ...next.identities],
    findDestroyed: async () => new Set(),
    partsNeedingKey: async () => new Set(),
  })
  t.strictSame(report, { resealed: 1, unchanged: 1, failed: [], missing: 0 })
  for (const [part, wrapped] of files)
    t.strictSame(
      keyIdsOf(wrapped, part),
      next.recipients.map(({ keyId }) => keyId),
    )
})
