import { pathOfFileUrl, type StorageLocation, splitLocations } from '../config/storage-locations.js'
import { AppError } from '../core/errors.js'

/**
 * Returns the folder that `file:/path` or `file:///path` names.
 *
 * @param setting name of the setting, for the message
 * @throws AppError `config.invalid` for any other URL
 */
export function folderOfUrl(url: string, setting: string): string {
  const path = pathOfFileUrl(url)
  if (path) return path
  throw new AppError('config.invalid', `${setting}: "${url}" is not supported, write file:/absolute/path`)
}

/**
 * Reads the locations in CONSENTRY_STORE or CONSENTRY_KEYSTORE.
 *
 * @param text value of the setting
 * @param setting name of the setting, for the message
 * @throws AppError `config.invalid` if some locations name a purpose and others do not, or a purpose is named twice
 */
export function storageLocations(text: string, setting: string): StorageLocation[] {
  const locations = splitLocations(text)
  if (locations) return locations
  throw new AppError(
    'config.invalid',
    `${setting}: give one location for all purposes, or one for each purpose`,
  )
}

/** The error for a purpose without a location in the setting. */
export const noLocation = (purpose: string, setting: string): AppError =>
  new AppError('config.invalid', `${setting} has no location for purpose "${purpose}": add one.`)
