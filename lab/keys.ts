import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { KEPT_ANSWER_PURPOSE } from '../src/core/policy.js'
import { replaceSecretFile } from '../src/lib/files/secret-file.js'
import { generateIdentity } from '../src/vault/crypto/keygen.js'
import { cryptoReady } from '../src/vault/crypto/ready.js'

/** Purposes of the lab's lines, and the purpose of kept answers. */
const PURPOSES = ['service', 'marketing', KEPT_ANSWER_PURPOSE]

/** The lab's key files: recipients for the service, identities for opening recordings. */
export interface LabKeys {
  recipients: string
  identity: string
}

/** Generates a key pair for each purpose of the lab, unless the folder has them already. */
export async function prepareKeys(dir: string): Promise<LabKeys> {
  const files = { recipients: join(dir, 'recipients.json'), identity: join(dir, 'identity.json') }
  if (await readFile(files.identity).catch(() => undefined)) return files
  await cryptoReady
  const pairs = PURPOSES.map(generateIdentity)
  await writeFile(files.recipients, JSON.stringify(pairs.map(pair => pair.recipient)))
  // Written last: this file marks the keys as complete.
  await replaceSecretFile(files.identity, JSON.stringify(pairs.map(pair => pair.identity)))
  return files
}
