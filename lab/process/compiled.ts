import { fileURLToPath } from 'node:url'

/** A file of the compiled source tree, by its path there without extension: `compiled('cli')`. */
export const compiled = (path: string): string =>
  fileURLToPath(new URL(`../../src/${path}.js`, import.meta.url))
