import compress from '@fastify/compress'
import type { RouteOptions } from 'fastify'
import type { App } from './deps.js'

/**
 * Compresses answers for whoever is in. Only answers to GET: those to forms may show a secret, such as recovery codes, beside what was
 * typed, and its length would tell of it (BREACH). Bodies of requests are never decompressed.
 */
export async function compressAnswers(app: App): Promise<void> {
  app.addHook('onRoute', exceptSecrets)
  await app.register(compress, { globalDecompression: false, encodings: ['br', 'gzip'] })
}

function exceptSecrets(route: RouteOptions): void {
  if (route.method !== 'GET' || route.config?.access?.roles === 'anyone') route.compress = false
}
