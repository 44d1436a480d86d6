import { codeOf } from '../../core/errors.js'
import type { KeyRef, KeyStore } from '../../vault/keys/key-store.js'

/**
 * Reads the key file of a part. If it is not under its own due day, the other days are searched, because a container
 * can be opened with its key from anywhere.
 *
 * @returns the key file and its place; undefined if there is none
 */
export async function findKey(
  keyStore: KeyStore,
  expected: KeyRef,
): Promise<{ ref: KeyRef; wrapped: Buffer } | undefined> {
  const content = await contentOf(keyStore, expected)
  if (content) return { ref: expected, wrapped: content }
  const ref = await keyStore.find(expected.part)
  const wrapped = ref && (await contentOf(keyStore, ref))
  return wrapped && { ref, wrapped }
}

async function contentOf(keyStore: KeyStore, ref: KeyRef): Promise<Buffer | undefined> {
  try {
    return await keyStore.get(ref)
  } catch (error) {
    if (codeOf(error) === 'not-found') return undefined
    throw error
  }
}
