import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { filesBelow } from './files-below.js'

/** What the lockfile says of a package. */
interface Locked {
  version: string
  /** Needed to build and test alone. */
  dev?: boolean
  /** Packages for other platforms, and engines that a machine may lack. */
  optional?: boolean
}

/** A package that the program runs with. */
export interface RuntimePackage {
  /** Its folder, from the folder of the project. */
  path: string
  version: string
  /** The files that a program may load, and its licence, from its folder. */
  files: string[]
}

/** Files that no program loads: types, sources of other languages, maps, texts. Licences stay. */
const NEVER_LOADED =
  /(\.(d\.[cm]ts|[cm]?tsx?|map|flow|markdown|tflite|c|cc|cpp|h|hh|hpp|gyp|gypi)|(?<!licen[cs]es?|notices?|copying)\.md)$/i

/** Folders of a package that no program loads, at its top. Deeper folders of these names may hold code. */
const NEVER_ENTERED = /^(\.github|\.vscode|__tests__|benchmarks?|coverage|docs?|examples?|OLD|tests?|tools)$/

/** Of single packages, the files that are left out besides. */
const LEFT_OUT: readonly { of: RegExp; files: RegExp }[] = [
  // Native parts are for Linux with glibc, on the processor of this machine.
  {
    of: /^onnxruntime-node$/,
    files: new RegExp(`^bin/[^/]+/(?!linux/${process.arch}/)|^script/`),
  },
  { of: /^@koromix\/koffi-/, files: /^musl_/ },
  { of: /^koffi$/, files: /^vendor\// },
]

/**
 * Lists the packages that the program runs with, as they are installed here.
 *
 * @param root folder of the project, with the packages of its lockfile
 * @param unwanted names of packages that are left out
 * @throws Error if a package is missing or has another version than the lockfile
 */
export function runtimePackages(root: string, unwanted: RegExp): RuntimePackage[] {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, Locked>
  }
  return Object.entries(packages)
    .filter(([path, { dev }]) => path !== '' && !dev && !unwanted.test(nameOf(path)))
    .filter(([path, { optional }]) => !optional || existsSync(join(root, path)))
    .map(([path, { version }]) => ({ path, version, files: filesOf(root, path, version) }))
    .sort((a, b) => (a.path < b.path ? -1 : 1))
}

const nameOf = (path: string): string => path.split('node_modules/').at(-1)!

function filesOf(root: string, path: string, version: string): string[] {
  const folder = join(root, path)
  const manifest = join(folder, 'package.json')
  const installed = existsSync(manifest)
    ? (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version
    : 'nothing'
  if (installed !== version)
    throw new Error(`${path}: the lockfile has ${version}, installed is ${installed}: run \`npm ci\``)
  const leftOut = LEFT_OUT.filter(({ of }) => of.test(nameOf(path))).map(({ files }) => files)
  return filesBelow(folder, name => name !== 'node_modules').filter(
    file =>
      !NEVER_LOADED.test(file) &&
      !(file.includes('/') && NEVER_ENTERED.test(file.split('/')[0]!)) &&
      !leftOut.some(files => files.test(file)),
  )
}
