import { createHmac, hkdfSync, randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import sodium from 'libsodium-wrappers'
import { AppError } from '../core/errors.js'
import { makeDurableFolder, systemCode, unlessAbsent } from '../lib/files/durable.js'
import { makeSecretFile } from '../lib/files/secret-file.js'
import { cryptoReady } from './crypto/ready.js'

/** Bytes of the key, and of each key that is derived from it. */
const KEY_BYTES = 32

/** Path of the file with the console's key. */
export const consoleKeyPath = (data: string): string => join(data, 'console.key')

/**
 * The key under which the console seals the secrets of second factors. It is in the data folder, so that a copy of the
 * database alone reveals none of them.
 */
export class ConsoleKey {
  readonly #sealing: Uint8Array
  readonly #hashing: Uint8Array

  /** @param key 32 bytes */
  constructor(key: Uint8Array) {
    this.#sealing = derive(key, 'consentry second factor')
    this.#hashing = derive(key, 'consentry sign-in attempts')
  }

  /**
   * Seals a text (XChaCha20-Poly1305).
   *
   * @param owner the text's owner; it opens for this owner only
   */
  seal(text: string, owner: string): Buffer {
    const nonce = sodium.randombytes_buf(sodium.crypto_aead_xchacha20poly1305_ietf_NPUBBYTES)
    const sealed = sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(text, owner, null, nonce, this.#sealing)
    return Buffer.concat([nonce, sealed])
  }

  /** Opens a sealed text. @throws AppError `key.refused` for another key or owner, or damaged bytes */
  open(sealed: Uint8Array, owner: string): string {
    const bytes = sodium.crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
    const [nonce, rest] = [sealed.subarray(0, bytes), sealed.subarray(bytes)]
    try {
      return sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(
        null,
        rest,
        owner,
        nonce,
        this.#sealing,
        'text',
      )
    } catch {
      throw new AppError(
        'key.refused',
        'A second factor does not open with console.key: restore that file, or reset the user.',
      )
    }
  }

  /** A hash that cannot be guessed back without the key (HMAC-SHA-256). */
  hash(text: string): Buffer {
    return createHmac('sha256', this.#hashing).update(text).digest()
  }
}

const derive = (key: Uint8Array, use: string): Uint8Array =>
  new Uint8Array(hkdfSync('sha256', key, '', use, KEY_BYTES))

/**
 * Reads the console's key. The first console of a data folder makes it.
 *
 * @param data path of the data folder
 * @throws AppError `config.invalid` if the file is damaged; the system's error if it cannot be read or written
 */
export async function consoleKey(data: string): Promise<ConsoleKey> {
  await cryptoReady
  const path = consoleKeyPath(data)
  const text = (await unlessAbsent(readFile(path, 'utf8'), undefined)) ?? (await makeKey(data, path))
  const key = Buffer.from(text, 'base64')
  if (key.length === KEY_BYTES) return new ConsoleKey(key)
  throw new AppError(
    'config.invalid',
    `${path} contains no key: restore the file. If it is lost, remove it and reset each user (consentry user reset)`,
  )
}

async function makeKey(data: string, path: string): Promise<string> {
  await makeDurableFolder(data)
  const text = `${randomBytes(KEY_BYTES).toString('base64')}\n`
  try {
    await makeSecretFile(path, text)
    return text
  } catch (error) {
    // Another process has made the file first.
    if (systemCode(error) === 'EEXIST') return readFile(path, 'utf8')
    throw error
  }
}
