import { resolve } from 'node:path'

/** The store or key store of one purpose, or of all purposes (`null`). */
export interface StorageLocation {
  purpose: string | null
  /** A URL, or several URLs of mirrors joined by commas. */
  url: string
}

const NAMED_LOCATION = /^([a-z0-9][a-z0-9-]{0,63})=(.*)$/

/**
 * Reads a setting with one location for all purposes, or one for each: `file:/a`, or `service=file:/a marketing=file:/b`. Blanks
 * separate locations, but may also be part of a path: a location begins after blanks only if a URL follows and no comma precedes.
 *
 * @returns undefined if only some locations name a purpose, or two name the same one
 */
export function splitLocations(setting: string): StorageLocation[] | undefined {
  const locations = setting
    .trim()
    .split(/(?<![,\s])\s+(?=(?:[a-z0-9][a-z0-9-]{0,63}=)?[a-z0-9]+:)/)
    .map((text): StorageLocation => {
      const [, purpose, url] = NAMED_LOCATION.exec(text) ?? []
      return purpose === undefined ? { purpose: null, url: text } : { purpose, url: url! }
    })
  const purposes = new Set(locations.map(({ purpose }) => purpose))
  const clear = purposes.size === locations.length && !(purposes.has(null) && locations.length > 1)
  return clear ? locations : undefined
}

/** The path in `file:/path` or `file:///path`, without decoding %-escapes; undefined for other URLs. */
export const pathOfFileUrl = (url: string): string | undefined =>
  /^file:(?:\/\/)?(\/.*)$/.exec(url.trim())?.[1]

/** All folders that such a setting names, including mirrors. */
export const foldersOf = (setting: string): string[] =>
  (splitLocations(setting) ?? []).flatMap(({ url }) =>
    url
      .split(',')
      .flatMap(mirror => pathOfFileUrl(mirror) ?? [])
      .map(path => resolve(path)),
  )

/** The setting that `splitLocations` reads as these locations. */
export const joinLocations = (locations: readonly StorageLocation[]): string =>
  locations.map(({ purpose, url }) => (purpose === null ? url : `${purpose}=${url}`)).join(' ')
