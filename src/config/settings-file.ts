import { existsSync, readFileSync } from 'node:fs'
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
