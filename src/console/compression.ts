import compress from '@fastify/compress'
import type { RouteOptions } from 'fastify'
import type { App } from './deps.js'

/**
 * Compresses answers for signed-in users, to GET only. An answer to a form may show a secret, such as recovery codes,
 * beside typed text, and its compressed length would reveal it (BREACH). For the same reason pages that show a secret
 * once, whose actions are named `….show-…`, are not compressed. Bodies of requests are never decompressed.
 */
export async function compressAnswers(app: App): Promise<void> {
  app.addHook('onRoute', exceptSecrets)
  await app.register(compress, { globalDecompression: false, encodings: ['br', 'gzip'] })
}

function exceptSecrets(route: RouteOptions): void {
  const access = route.config?.access
  if (route.method !== 'GET' || access?.roles === 'anyone' || access?.action.includes('.show-'))
    route.compress = false
}
