// Bundles style sheet, fonts and scripts of the console's pages, each with its content's hash in its name.
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { build } from 'esbuild'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const source = join(root, 'src', 'console')
const assets = join(root, 'dist', 'src', 'console', 'assets')

/** Browsers cannot read the folders of languages: in their place stands what the page says. */
const languagesOfPage = {
  name: 'languages-of-page',
  setup({ onResolve }) {
    onResolve({ filter: /\/languages\/languages\.js$/ }, () => ({
      path: join(source, 'in-browser', 'check', 'languages.ts'),
    }))
  },
}

rmSync(assets, { recursive: true, force: true })
const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: [
    'styles/console.css',
    'in-browser/movement.ts',
    'in-browser/simulator.tsx',
    'in-browser/invitation.ts',
    'in-browser/passkey.ts',
    'in-browser/recorder.tsx',
    'in-browser/capture.ts',
    'in-browser/live.ts',
    'in-browser/key.tsx',
    'in-browser/check-field.ts',
  ].map(path => join(source, path)),
  outdir: assets,
  bundle: true,
  minify: true,
  metafile: true,
  format: 'iife',
  target: ['es2022', 'chrome123', 'firefox121', 'safari17.5'],
  entryNames: '[name]-[hash]',
  assetNames: '[name]-[hash]',
  loader: { '.woff2': 'file' },
  plugins: [languagesOfPage],
  jsx: 'automatic',
  jsxImportSource: 'preact',
  logLevel: 'warning',
})

/** The file names by the names that pages use. */
const names = {}
for (const [path, { entryPoint }] of Object.entries(metafile.outputs)) {
  const file = join(root, path)
  if (entryPoint) names[basename(entryPoint).replace(/\.tsx?$/, '.js')] = basename(path)
  if (file.endsWith('.woff2')) continue
  const bytes = readFileSync(file)
  writeFileSync(`${file}.br`, brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }))
  writeFileSync(`${file}.gz`, gzipSync(bytes, { level: 9 }))
}
writeFileSync(join(assets, 'names.json'), JSON.stringify(names))
