import { readFileSync, statSync } from 'node:fs'

/** Settings that are secrets, or have one in them. Each may be in a file that `<name>_FILE` names. */
export const SECRET_SETTINGS = [
  'DATABASE_URL',
  'DATABASE_ADMIN_URL',
  'DATABASE_CONSOLE_URL',
  'CONSENTRY_API_TOKEN',
  'ARI_PASSWORD',
] as const

/** Most bytes of such a file. A URL or a password has some hundred. */
const MOST_BYTES = 4_096

/** The variables that name the files. */
export const SECRET_FILE_NAMES: readonly string[] = SECRET_SETTINGS.map(name => `${name}_FILE`)

/**
 * Reads settings from the files that variables name, as systemd (`LoadCredential=`) and containers hand secrets over. Line ends at
 * the end of a file do not count.
 *
 * @param set the variables that are set
 * @returns the variables with these settings, and a sentence for each file that cannot be taken
 */
export function readSecretFiles(set: Readonly<Record<string, string | undefined>>): {
  values: Record<string, string | undefined>
  faults: string[]
} {
  const values = { ...set }
  const faults: string[] = []
  for (const name of SECRET_SETTINGS) {
    const path = set[`${name}_FILE`]
    if (path === undefined) continue
    if (set[name] !== undefined) faults.push(`${name}, ${name}_FILE: give one of them`)
    else {
      try {
        values[name] = readSecret(path)
      } catch (error) {
        faults.push(`${name}_FILE: ${path} cannot be read: ${whyNot(error)}`)
      }
    }
  }
  return { values, faults }
}

/** Reads a secret from a file. Line ends at its end do not count. @throws Error with the reason */
export function readSecret(path: string): string {
  const { size } = statSync(path)
  if (size > MOST_BYTES) throw new Error(`it has more than ${MOST_BYTES} bytes`)
  const text = readFileSync(path, 'utf8').replace(/[\r\n]+$/, '')
  if (text === '') throw new Error('it is empty')
  return text
}

const whyNot = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? (error as Error).message
