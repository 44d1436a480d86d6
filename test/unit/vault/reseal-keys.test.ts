// Real: the order of the work, sealing. Fake: the key store, which has its key files in memory.
import t from 'tap'
import { newPartId } from '../../../src/core/ids.js'
import { wrapKey } from '../../../src/vault/crypto/key-file.js'
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
