import { fileURLToPath } from 'node:url'

/** @returns path of a compiled file of `src`, for example `compiled('cli')` */
export const compiled = (path: string): string =>
  fileURLToPath(new URL(`../../src/${path}.js`, import.meta.url))
