import { codeOf } from '../shared/errors.js'
import type { KeyRef, KeyStore } from '../vault/keys/key-store.js'

/**
 * A part's key file, under its own day or, failing that, under any other: where a key lies is no matter for its container.
 *
 * @returns undefined if there is none
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
