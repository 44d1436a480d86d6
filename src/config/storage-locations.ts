import { resolve } from 'node:path'

/** Where things are kept: of one purpose, or of every purpose (`null`). */
export interface StorageLocation {
  purpose: string | null
  url: string
}

const NAMED_LOCATION = /^([a-z0-9][a-z0-9-]{0,63})=(.*)$/

/**
 * Reads a setting that names one place for all, or one for each purpose: `file:/a`, or `service=file:/a marketing=file:/b`.
 * Blanks part the purposes and may stand in a path too: a new place begins only where a URL follows, and no comma
 * stands before.
 *
 * @returns undefined if some places are named and some are not, or a purpose stands twice
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

/** The path in `file:/path` or `file:///path`, as it is written, without %-escapes; undefined for any other URL. */
export const pathOfFileUrl = (url: string): string | undefined =>
  /^file:(?:\/\/)?(\/.*)$/.exec(url.trim())?.[1]

/** The folders that such a setting names, mirrors and all. */
export const foldersOf = (setting: string): string[] =>
  (splitLocations(setting) ?? []).flatMap(({ url }) =>
    url
      .split(',')
      .flatMap(mirror => pathOfFileUrl(mirror) ?? [])
      .map(path => resolve(path)),
  )

/** The setting that `splitPlaces` reads as these places. */
export const joinLocations = (locations: readonly StorageLocation[]): string =>
  locations.map(({ purpose, url }) => (purpose === null ? url : `${purpose}=${url}`)).join(' ')
