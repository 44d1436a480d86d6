import { pathOfFileUrl, type StorageLocation, splitLocations } from '../config/storage-locations.js'
import { AppError } from '../shared/errors.js'

/**
 * The folder that `file:/path` or `file:///path` names.
 *
 * @param setting name of the setting, for the message
 * @throws AppError `config.invalid`
 */
export function folderOf(url: string, setting: string): string {
  const path = pathOfFileUrl(url)
  if (path) return path
  throw new AppError('config.invalid', `${setting}: "${url}" is not supported; give file:/absolute/path`)
}

/**
 * The places that a setting names.
 *
 * @param setting name of the setting, for the message
 * @throws AppError `config.invalid`
 */
export function placesOf(text: string, setting: string): StorageLocation[] {
  const places = splitLocations(text)
  if (places) return places
  throw new AppError('config.invalid', `${setting}: give one place for all purposes, or one for each`)
}

/** What is thrown where a purpose would have to be kept that has no place. */
export const noPlace = (purpose: string, setting: string): AppError =>
  new AppError('config.invalid', `Purpose "${purpose}" has no place in ${setting}: give it one.`)
