import { AppError } from '../shared/errors.js'

/**
 * The folder that `file:/path` or `file:///path` names. The path is taken as it is written, without %-escapes.
 *
 * @param setting name of the setting, for the message
 * @throws AppError `config.invalid`
 */
export function folderOf(url: string, setting: string): string {
  const path = /^file:(?:\/\/)?(\/.*)$/.exec(url.trim())?.[1]
  if (path) return path
  throw new AppError('config.invalid', `${setting}: "${url}" is not supported; give file:/absolute/path`)
}
