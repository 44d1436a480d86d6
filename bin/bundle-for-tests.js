// Bundles libraries of many files into one file each, beside the compiled program. Each test file, and each command that it runs, is a
// process of its own, and to load the hundreds of files of `tap`, `zod` or `fastify` takes longer than most tests of `unit`. A program that is installed has no tests, and loads the libraries as they are.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')

/** Libraries of the program. Left out are those of few files, and those that find files beside them. */
const LIBRARIES = [
  ...['kysely', 'zod', 'pg', 'pino', 'cli-table3', 'prom-client', 'age-encryption'],
  ...['fastify', 'fastify-type-provider-zod', '@fastify/compress', '@fastify/formbody', '@fastify/helmet'],
  ...['@fastify/rate-limit', '@fastify/static', '@fastify/swagger', '@simplewebauthn/server'],
]
/** Of a library that another one loads by further names, those names. Both then have the same one. */
const FURTHER = { zod: ['zod/v4/core'] }
const SHARED = Object.keys(FURTHER)

/** Packages that are not ES modules use these names. */
const BANNER = `import { createRequire as requireFrom } from 'node:module'
import { dirname as folderOf } from 'node:path'
import { fileURLToPath as pathOf } from 'node:url'
const require = requireFrom(import.meta.url)
const __filename = pathOf(import.meta.url)
const __dirname = folderOf(__filename)`

/**
 * Bundles one library.
 *
 * @param {string} name
 * @param {string} importer folder below `dist` whose files get the bundle: Node searches packages there first
 * @param {Record<string, string>} modules what is bundled, by the name under which it is imported
 * @param {Record<string, string>} [alias] modules that replace others
 */
async function bundle(name, importer, modules, alias = {}) {
  const folder = join(root, 'dist', importer, 'node_modules', name)
  rmSync(folder, { recursive: true, force: true })
  const fileOf = module => (module === name ? 'index' : module.slice(name.length + 1).replaceAll('/', '-'))
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: Object.keys(modules).map(module => ({ in: `bundled:${module}`, out: fileOf(module) })),
    outdir: folder,
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    minifyWhitespace: true,
    metafile: true,
    alias,
    external: SHARED.filter(one => one !== name).flatMap(one => [one, `${one}/*`]),
    banner: { js: BANNER },
    logLevel: 'warning',
    plugins: [entries(modules)],
  })
  mkdirSync(folder, { recursive: true })
  const exports = Object.fromEntries(
    Object.keys(modules).map(module => [module.replace(name, '.'), `./${fileOf(module)}.js`]),
  )
  writeFileSync(
    join(folder, 'package.json'),
    `${JSON.stringify({ type: 'module', exports, bundled: packagesOf(metafile) })}\n`,
  )
}

/** The modules that are bundled, as `.mjs`: what they import is then what Node would give them. */
const entries = modules => ({
  name: 'entries',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^bundled:/ }, ({ path }) => ({
      path: `${path.slice('bundled:'.length)}.mjs`,
      namespace: 'bundled',
    }))
    onLoad({ filter: /.*/, namespace: 'bundled' }, ({ path }) => ({
      contents: modules[path.slice(0, -'.mjs'.length)],
      resolveDir: root,
    }))
  },
})

/** The packages of which a bundle has files, as the lockfile names them. */
const packagesOf = ({ inputs }) => [
  ...new Set(
    Object.keys(inputs).flatMap(path => /^(.*node_modules\/(@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []),
  ),
]

/** What a module exports, by name: not every module tells without being run. */
const exportsOf = async module =>
  `export { ${Object.keys(await import(module)).join(', ')} } from '${module}'`

const modulesOf = async name => {
  const names = [name, ...(FURTHER[name] ?? [])]
  return Object.fromEntries(await Promise.all(names.map(async one => [one, await exportsOf(one)])))
}

// Stack traces begin at the test, as those of an unbundled `tap`.
const tap = `import { addIgnoredPackage } from '@tapjs/stack'
addIgnoredPackage('tap')
export { default } from 'tap'
`
/** `tap` where several test files share a process: each file gets the test that bin/test/together.js assigns before it. */
const together = `export let t
export { t as default }
export const assign = test => {
  t = test
}
`
await bundle('tap', 'test', { tap }, { 'async-hook-domain': join(root, 'bin', 'test', 'no-domains.js') })
const place = join(root, 'dist', 'test', 'node_modules', 'tap')
writeFileSync(join(place, 'together.js'), together)
const description = JSON.parse(readFileSync(join(place, 'package.json'), 'utf8'))
description.exports['.'] = { together: './together.js', default: './index.js' }
writeFileSync(join(place, 'package.json'), `${JSON.stringify(description)}\n`)
for (const name of LIBRARIES) await bundle(name, '.', await modulesOf(name))
