import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { dirname } from 'node:path'
import { AppError } from '../../core/errors.js'
import { makeDurableFolder } from '../../lib/files/durable.js'
import { type Ownership, replaceSecretFile } from '../../lib/files/secret-file.js'
import { readText } from '../log-files.js'
import { verifierKey } from './note.js'

/** A signing key (Ed25519) and its verifier key. */
export interface SigningKey {
  secret: KeyObject
  /** C2SP verifier key. */
  verifier: string
}

/**
 * Reads a signing key from its file.
 *
 * @param name signer's name in the verifier key
 * @param type signature type of the verifier key, as in `verifierKey`
 * @returns undefined if the file does not exist
 * @throws AppError `config.invalid` if the file contains no Ed25519 key
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
    // The parser's message is dropped, because it may quote a secret.
  }
  throw new AppError('config.invalid', `${path} does not contain an Ed25519 private key in PEM.`)
}

/**
 * File of the next key, which a rotation creates and then moves to this file. File of the former key, until it is
 * destroyed.
 */
export const nextKeyFile = (keyFile: string): string => `${keyFile}.next`
export const formerKeyFile = (keyFile: string): string => `${keyFile}.former`

/**
 * Creates a signing key and its file, readable by its owner only. The file is on disk when this resolves.
 *
 * @param like owner of the file; by default our user
 */
export async function createSigningKey(
  path: string,
  name: string,
  type?: number,
  like?: Ownership,
): Promise<SigningKey> {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  await makeDurableFolder(dirname(path))
  await replaceSecretFile(path, privateKey.export({ type: 'pkcs8', format: 'pem' }), like)
  return { secret: privateKey, verifier: verifierKey(name, publicKey, type) }
}
