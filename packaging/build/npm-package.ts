import { execFileSync } from 'node:child_process'
import { copyFileSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import type { Parts } from './debian-package.js'
import { FROM_SYSTEM, installedManifest, programFiles } from './program-files.js'
import { EXECUTABLE, Stage } from './stage.js'

/** What the lockfile says of a package, as far as it is read here. */
interface Lockfile {
  packages: Record<string, { dev?: boolean }>
}

/** The lockfile of an installation: the same packages with the same hashes, without those that build and test, and without PostgreSQL. */
export function shrinkwrap(lockfile: Lockfile, manifest: Record<string, unknown>): Lockfile {
  const packages = Object.entries(lockfile.packages).filter(
    ([path, { dev }]) => !dev && !FROM_SYSTEM.test(path.split('node_modules/').at(-1)!),
  )
  return {
    ...lockfile,
    packages: { ...Object.fromEntries(packages), '': installedManifest(manifest) as object },
  }
}

/**
 * Builds the package for npm: the compiled program, whose packages npm installs as npm-shrinkwrap.json pins them. npm gives all files one
 * time, so that the same sources give the same bytes.
 *
 * @returns the path of the package
 */
export function buildNpmPackage({ root, work, out }: Parts): string {
  const stage = new Stage(work)
  const json = (name: string) => JSON.parse(readFileSync(join(root, name), 'utf8'))
  const manifest = json('package.json')
  const files = programFiles(root)
  for (const path of files)
    stage.copy(join(root, path), path, path === 'bin/consentry.js' ? EXECUTABLE : undefined)
  copyFileSync(join(root, 'README.md'), join(work, 'README.md'))
  const text = (value: unknown) => `${JSON.stringify(value, undefined, 2)}\n`
  stage.write('npm-shrinkwrap.json', text(shrinkwrap(json('package-lock.json'), manifest)))
  stage.write('package.json', text({ ...installedManifest(manifest), files: ['*'] }))
  const [packed] = JSON.parse(
    execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', out], {
      cwd: work,
      encoding: 'utf8',
    }),
  ) as { filename: string }[]
  const file = join(out, `consentry-${manifest.version}.tgz`)
  renameSync(join(out, packed!.filename), file)
  return file
}
