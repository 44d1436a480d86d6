import { resolve } from 'node:path'

/**
 * The files that `CONSENTRY_RECIPIENTS` and `CONSENTRY_IDENTITY` name, for the rotation, which rewrites them.
 *
 * @returns absolute paths; undefined for a variable that is not set or holds JSON
 */
export function keyFilePaths(env: Record<string, string | undefined>): {
  recipients: string | undefined
  identity: string | undefined
} {
  const file = (text = '') => (text === '' || /^\s*\[/.test(text) ? undefined : resolve(text))
  return { recipients: file(env['CONSENTRY_RECIPIENTS']), identity: file(env['CONSENTRY_IDENTITY']) }
}
