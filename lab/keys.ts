import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { replaceSecretFile } from '../src/files/secret-file.js'
import { generateIdentity } from '../src/vault/crypto/keygen.js'
import { cryptoReady } from '../src/vault/crypto/ready.js'

/** Purposes that lines of the lab record for. */
const PURPOSES = ['service', 'marketing']

/** Files of the lab's keys: public halves for the service, secret halves for whoever opens recordings. */
export interface LabKeys {
  recipients: string
  identity: string
}

/** Draws a key pair for each purpose of the lab, unless the folder has them already. */
export async function prepareKeys(dir: string): Promise<LabKeys> {
  const files = { recipients: join(dir, 'recipients.json'), identity: join(dir, 'identity.json') }
  if (await readFile(files.identity).catch(() => undefined)) return files
  await cryptoReady
  const pairs = PURPOSES.map(generateIdentity)
  await writeFile(files.recipients, JSON.stringify(pairs.map(pair => pair.recipient)))
  // Last, and readable by its owner alone: with this file the folder has its keys.
  await replaceSecretFile(files.identity, JSON.stringify(pairs.map(pair => pair.identity)))
  return files
}
