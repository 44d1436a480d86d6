// Bundles libraries of many files into one file each, beside the compiled program. Each test file, and each command that it runs, is a
// process of its own, and to load the 270 files of `tap` or of `kysely` takes longer than most tests of `unit`. A program that is installed has no tests, and loads the libraries as they are.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')

/**
 * Bundles one library.
 *
 * @param {string} name
 * @param {string} importer folder below `dist` whose files get the bundle: Node looks for packages there first
 * @param {string} contents the module that is bundled
 * @param {Record<string, string>} [alias] modules that replace others
 */
async function bundle(name, importer, contents, alias = {}) {
  const folder = join(root, 'dist', importer, 'node_modules', name)
  await build({
    stdin: { contents, resolveDir: root },
    outfile: join(folder, 'index.js'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    alias,
    // Packages that are not ES modules call this.
    banner: {
      js: "import { createRequire as requireFrom } from 'node:module'\nconst require = requireFrom(import.meta.url)",
    },
    logLevel: 'warning',
  })
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{ "type": "module", "exports": "./index.js" }\n')
}

// Stack traces begin at the test, as those of an unbundled `tap`.
const tap = `import { addIgnoredPackage } from '@tapjs/stack'
addIgnoredPackage('tap')
export { default } from 'tap'
`
await bundle('tap', 'test', tap, { 'async-hook-domain': join(root, 'bin', 'test', 'no-domains.js') })
await bundle('kysely', '.', "export * from 'kysely'")
