import { join } from 'node:path'
import { parseIdentities, parseRecipients } from '../../../src/vault/crypto/keygen.js'
import { openKeyStore } from '../../../src/vault/keys/key-store.js'
import { beginRotation, removeRetired } from '../../../src/vault/rotation/key-pairs.js'
import { resealKeys } from '../../../src/vault/rotation/reseal-keys.js'

// A key rotation as a process that a test kills: `node rotation-child.js FOLDER KEYSTORE`. It has every step that writes files.
const [dir, keys] = process.argv.slice(2) as [string, string]
const files = { recipients: join(dir, 'recipients.json'), identity: join(dir, 'identity.json') }
const purpose = 'service'

const keyStore = await openKeyStore(keys)
process.stdout.write('ready\n')
const begun = await beginRotation(files, purpose, Date.now())
const { failed, missing } = await resealKeys({
  keyStore,
  purpose,
  recipients: parseRecipients(JSON.stringify(begun.recipients)),
  identities: parseIdentities(JSON.stringify(begun.identities)),
  findDestroyed: async () => new Set(),
  partsNeedingKey: async () => new Set(),
})
if (failed.length > 0 || missing > 0) throw new Error(JSON.stringify({ failed, missing }))
await removeRetired(files, begun)
