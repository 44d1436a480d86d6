import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import serveFiles from '@fastify/static'
import type { App } from '../deps.js'

/** The folder in which `bin/bundle.js` puts files for browsers. */
const FOLDER = join(import.meta.dirname, '..', 'assets')

let names: Readonly<Record<string, string>> | undefined

/** File names of style sheet and scripts, with their content's hash, by the names that pages use. */
export function assetNames(): Readonly<Record<string, string>> {
  names ??= JSON.parse(readFileSync(join(FOLDER, 'names.json'), 'utf8')) as Record<string, string>
  return names
}

/** Serves the files. A browser caches each for ever, because another content has another name. */
export async function addAssets(app: App): Promise<void> {
  await app.register(serveFiles, {
    root: FOLDER,
    prefix: '/assets/',
    index: false,
    redirect: false,
    preCompressed: true,
    cacheControl: false,
    allowedPath: path => path !== '/names.json',
    setHeaders: reply => {
      reply.header('cache-control', 'public, max-age=31536000, immutable')
    },
  })
}
