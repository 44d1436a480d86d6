import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { dirname } from 'node:path'
import { makeFolders } from '../../files/make-folders.js'
import { replaceSecretFile } from '../../files/secret-file.js'
import { AppError } from '../../shared/errors.js'
import { readText } from '../log-files.js'
import { verifierKey } from './note.js'

/** A signing key (Ed25519) and the name under which it signs. */
export interface SigningKey {
  secret: KeyObject
  /** C2SP verifier key. */
  verifier: string
}

/**
 * Reads a signing key from its file.
 *
 * @param type signature type of the verifier key, as `verifierKey` takes it
 * @returns undefined where there is no such file
 * @throws AppError `config.invalid` for a file that holds no Ed25519 key
 */
export async function readSigningKey(
  path: string,
  name: string,
  type?: number,
): Promise<SigningKey | undefined> {
  const pem = await readText(path)
  if (pem === undefined) return undefined
  try {
    const secret = createPrivateKey(pem)
    if (secret.asymmetricKeyType === 'ed25519')
      return { secret, verifier: verifierKey(name, createPublicKey(secret), type) }
  } catch {
    // Whatever it is, it is not said here: it may be a secret all the same.
  }
  throw new AppError('config.invalid', `${path} does not hold an Ed25519 key in PEM.`)
}

/** Makes a signing key and its file, which only its owner reads; it is on disk when this resolves. */
export async function createSigningKey(path: string, name: string, type?: number): Promise<SigningKey> {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  await makeFolders(dirname(path))
  await replaceSecretFile(path, privateKey.export({ type: 'pkcs8', format: 'pem' }))
  return { secret: privateKey, verifier: verifierKey(name, publicKey, type) }
}
