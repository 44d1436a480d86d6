import { existsSync, readFileSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { AppError } from '../core/errors.js'

/** The settings file of an installation by package. */
export const USUAL_SETTINGS_FILE = '/etc/consentry/consentry.env'

/** Names of settings. */
const SETTING = /^(?:CONSENTRY|DATABASE|ARI)_/

/** Settings, and the file that they come from; undefined if they are in the environment. */
export interface FoundSettings {
  settings: Readonly<Record<string, string | undefined>>
  file: string | undefined
}

/**
 * Finds the settings of an installation: those of the given file, else of the environment, else of the usual file.
 *
 * @param file the given path, if any
 * @throws AppError `config.invalid` if that file cannot be read
 */
export function findSettings(
  env: Readonly<Record<string, string | undefined>>,
  file: string | undefined,
): FoundSettings {
  if (file !== undefined) return { settings: { ...env, ...readSettingsFile(file) }, file }
  const usual = existsSync(USUAL_SETTINGS_FILE) ? USUAL_SETTINGS_FILE : undefined
  const inEnvironment = Object.keys(env).some(name => SETTING.test(name))
  if (inEnvironment || usual === undefined) return { settings: env, file: usual }
  return { settings: { ...env, ...readSettingsFile(usual) }, file: usual }
}

/** Reads a file of settings. @throws AppError `config.invalid` */
export function readSettingsFile(file: string): Record<string, string> {
  try {
    return parseSettings(readFileSync(file, 'utf8'))
  } catch (error) {
    throw new AppError('config.invalid', `${file} cannot be read: ${(error as NodeJS.ErrnoException).code}`)
  }
}

/** Reads settings, in the form of systemd's `EnvironmentFile=` (systemd.exec(5)): `NAME=value` a line, in quotes or not. */
export function parseSettings(text: string): Record<string, string> {
  const rows = text.matchAll(/^\s*(?:export\s+)?([A-Za-z_]\w*)=(.*)$/gm)
  return Object.fromEntries([...rows].map(([, name, value]) => [name!, unquote(value!.trim())]))
}

function unquote(value: string): string {
  const [, quote, inner] = /^(["'])(.*)\1$/.exec(value) ?? []
  if (inner === undefined) return value
  return quote === '"' ? inner.replace(/\\(["\\$`])/g, '$1') : inner
}

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
