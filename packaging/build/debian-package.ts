import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { bashCompletion } from './completion.js'
import { debianChangelog, debianVersion } from './debian-changelog.js'
import { filesBelow } from './files-below.js'
import { manPage } from './man-page.js'
import { FROM_SYSTEM, installedManifest, programFiles } from './program-files.js'
import type { Release } from './release.js'
import { runtimePackages } from './runtime-packages.js'
import { EXECUTABLE, Stage } from './stage.js'
import type { Verb } from './verbs.js'

/** Where the program is installed. */
const PROGRAM = 'usr/lib/consentry'
const DOCUMENTS = 'usr/share/doc/consentry'

/** Debian's names of processors, by Node's. */
const ARCHITECTURES: Record<string, string> = { x64: 'amd64', arm64: 'arm64' }

/** The name of the processor of this machine in Debian. @throws Error if the program has no native parts for it */
export function debianArchitecture(): string {
  const name = ARCHITECTURES[process.arch]
  if (!name) throw new Error(`there is no package for ${process.arch}`)
  return name
}

/**
 * Lays out the program: our files, its package.json and the packages that it runs with.
 *
 * @param root folder of the project, built
 * @param to folder of the program in the package
 */
export function stageProgram(root: string, stage: Stage, to = PROGRAM): void {
  for (const path of programFiles(root))
    stage.copy(join(root, path), `${to}/${path}`, path === 'bin/consentry.js' ? EXECUTABLE : undefined)
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  stage.write(`${to}/package.json`, `${JSON.stringify(installedManifest(manifest), undefined, 2)}\n`)
  for (const { path, files } of runtimePackages(root, FROM_SYSTEM))
    for (const file of files) stage.copy(join(root, path, file), `${to}/${path}/${file}`)
}

/** Lays out what the host needs besides: the command, units, users, folders, manual and guides. */
export function stageHost(
  root: string,
  stage: Stage,
  { release, verbs }: { release: Release; verbs: Verb[] },
): void {
  const packaging = join(root, 'packaging')
  stage.copy(join(packaging, 'host', 'consentry'), 'usr/bin/consentry', EXECUTABLE)
  stage.copy(join(packaging, 'host', 'sysusers.conf'), 'usr/lib/sysusers.d/consentry.conf')
  stage.copy(join(packaging, 'host', 'tmpfiles.conf'), 'usr/lib/tmpfiles.d/consentry.conf')
  for (const unit of readdirSync(join(packaging, 'systemd')))
    stage.copy(join(packaging, 'systemd', unit), `usr/lib/systemd/system/${unit}`)
  stage.folder('etc/consentry')
  stage.write('usr/share/man/man1/consentry.1.gz', packed(manPage(verbs, release)))
  stage.write('usr/share/bash-completion/completions/consentry', bashCompletion(verbs))
  for (const name of filesBelow(join(root, 'docs')))
    stage.copy(join(root, 'docs', name), `${DOCUMENTS}/${name}`)
  for (const name of filesBelow(join(root, 'ops')))
    stage.copy(join(root, 'ops', name), `${DOCUMENTS}/ops/${name}`)
  for (const name of ['consentry.env', 'line.json'])
    stage.copy(join(packaging, 'host', name), `${DOCUMENTS}/examples/${name}`)
  stage.copy(join(packaging, 'debian', 'copyright'), `${DOCUMENTS}/copyright`)
  stage.write(`${DOCUMENTS}/changelog.Debian.gz`, packed(debianChangelog(release)))
}

/** Debian's way: the strongest compression, and no time in the head. */
const packed = (text: string): Buffer => gzipSync(text, { level: 9 })

/** Adds what dpkg reads: control file, checksums and maintainer scripts. */
function stageControl(root: string, stage: Stage, release: Release): void {
  const folder = join(root, 'packaging', 'debian')
  const files = filesBelow(stage.dir)
  const bytes = files.reduce((sum, file) => sum + statSync(join(stage.dir, file)).size, 0)
  const sums = files.map(file => `${md5(join(stage.dir, file))}  ${file}\n`)
  const control = readFileSync(join(folder, 'control'), 'utf8')
    .replace('@VERSION@', debianVersion(release))
    .replace('@ARCHITECTURE@', debianArchitecture())
    .replace('@SIZE@', String(Math.ceil(bytes / 1024)))
  stage.write('DEBIAN/control', control)
  stage.write('DEBIAN/md5sums', sums.join(''))
  for (const script of ['postinst', 'prerm', 'postrm'])
    stage.copy(join(folder, script), `DEBIAN/${script}`, EXECUTABLE)
}

const md5 = (path: string): string => createHash('md5').update(readFileSync(path)).digest('hex')

export interface Parts {
  /** Folder of the project, built. */
  root: string
  release: Release
  verbs: Verb[]
  /** An empty folder for the files of the package. */
  work: string
  /** Folder for the package. */
  out: string
}

/**
 * Builds the package for Debian. The same sources and packages give the same bytes.
 *
 * @returns the path of the package
 */
export function buildDebianPackage({ root, release, verbs, work, out }: Parts): string {
  const stage = new Stage(work)
  stageProgram(root, stage)
  stageHost(root, stage, { release, verbs })
  stageControl(root, stage, release)
  const file = join(out, `consentry_${debianVersion(release)}_${debianArchitecture()}.deb`)
  // Times after SOURCE_DATE_EPOCH become that time, and dpkg-deb sorts the files.
  const env = { ...process.env, SOURCE_DATE_EPOCH: String(release.at) }
  execFileSync('dpkg-deb', ['--root-owner-group', '-Zxz', '--build', work, file], {
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  return file
}
