// Bundles `tap` into one file beside the compiled tests. Each test file is a process of its own: to load the 270 files of `tap` takes
// longer than most tests of `unit`.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
/** Node looks for packages here first when a test imports them. */
const folder = join(root, 'dist', 'test', 'node_modules', 'tap')

await build({
  stdin: {
    // Stack traces begin at the test, as those of an unbundled `tap`.
    contents: `import { addIgnoredPackage } from '@tapjs/stack'
addIgnoredPackage('tap')
export { default } from 'tap'
`,
    resolveDir: root,
  },
  outfile: join(folder, 'index.js'),
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  // Packages that are not ES modules call this.
  banner: {
    js: "import { createRequire as requireFrom } from 'node:module'\nconst require = requireFrom(import.meta.url)",
  },
  logLevel: 'warning',
})
mkdirSync(folder, { recursive: true })
writeFileSync(join(folder, 'package.json'), '{ "type": "module", "exports": "./index.js" }\n')
