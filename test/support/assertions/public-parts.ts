import { hostname } from 'node:os'
import type { Db } from '../../../src/db/database.js'

/** What only somebody on this machine or in its network knows: the path of a file, an address, the name of the host. */
const PATH = /(?:^|[\s"'`(=:,])\/[A-Za-z0-9._]/
const ADDRESS = /\b[a-z][a-z0-9+]*:\/\//
const HOST = new RegExp(`(?:^|[^\\w.-])${hostname().replaceAll('.', '\\.')}(?:[^\\w.-]|$)`)

/** Texts that are published as they are: what callers hear, the settings of lines, and the log's own name. */
const PUBLISHED: Readonly<Record<string, RegExp>> = {
  'prompt.ended': /^text$/,
  'line.changed': /^(before|after)\./,
  'line.group-changed': /^(before|after)\./,
  'line.group-proposed': /^fields\./,
  'log.key-rotated': /^statement$/,
}

/** @returns each text in the public part of an event that names this machine, after the event's type and the text's path */
export async function textsOfMachine(db: Db): Promise<string[]> {
  const events = await db.selectFrom('event').select(['type', 'data']).orderBy('id').execute()
  return events.flatMap(({ type, data }) =>
    textsIn(data)
      .filter(([path]) => !PUBLISHED[type]?.test(path))
      .filter(([, text]) => [PATH, ADDRESS, HOST].some(pattern => pattern.test(text)))
      .map(([path, text]) => `${type} ${path}: ${text}`),
  )
}

/** @returns all texts of a value, each with its path */
function textsIn(value: unknown, path = ''): [path: string, text: string][] {
  if (typeof value === 'string') return [[path, value]]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, inner]) =>
    textsIn(inner, path === '' ? name : `${path}.${name}`),
  )
}
