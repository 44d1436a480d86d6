import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises'
import { basename, join, relative } from 'node:path'
import { AppError } from '../../src/core/errors.js'

/** Folders of an unpacked tree that may hold shared libraries. Newer suites have only `usr/lib`. */
const LIBRARY_FOLDERS = ['usr/lib', 'lib']
/** Subfolders of the architecture's folder in which Debian keeps some libraries. */
const NESTED_FOLDERS = ['pulseaudio', 'blas', 'lapack', 'systemd']
const TRIPLET = /^(x86_64|aarch64)-linux-gnu$/

const list = (path: string) => readdir(path).catch(() => [] as string[])

/** Folders with shared libraries and the dynamic loader, relative to the tree. */
async function findLibraries(tree: string): Promise<{ loader: string; folders: string[] }> {
  const folders: string[] = []
  const loaders: string[] = []
  for (const base of LIBRARY_FOLDERS) {
    for (const triplet of (await list(join(tree, base))).filter(name => TRIPLET.test(name))) {
      folders.push(join(base, triplet), ...NESTED_FOLDERS.map(name => join(base, triplet, name)))
    }
    folders.push(base)
  }
  for (const folder of ['usr/lib64', ...folders]) {
    for (const name of await list(join(tree, folder))) {
      if (/^ld-(linux-(x86-64|aarch64)\.so\.\d|2\.\d+\.so)$/.test(name)) loaders.push(join(folder, name))
    }
  }
  const loader = loaders[0]
  if (!loader) throw new AppError('tool.failed', `no dynamic loader in ${tree}: remove it and try again`)
  return { loader, folders }
}

/**
 * Writes `bin/<name>` for each program: a script that starts it with the loader and libraries of its own suite. Paths are
 * relative to the script, so that the tree can be renamed.
 */
export async function writeWrappers(tree: string, programs: string[]): Promise<void> {
  if (programs.length === 0) return
  const { loader, folders } = await findLibraries(tree)
  const path = folders.map(folder => `$tree/${folder}`).join(':')
  await mkdir(join(tree, 'bin'), { recursive: true })
  for (const program of programs) {
    const script = join(tree, 'bin', basename(program))
    const up = relative(join(tree, 'bin'), tree)
    await writeFile(
      script,
      `#!/bin/sh\ntree=$(CDPATH= cd -- "\${0%/*}/${up}" && pwd)\n` +
        `exec "$tree/${loader}" --library-path "${path}" "$tree/${program}" "$@"\n`,
    )
    await chmod(script, 0o755)
  }
}
