import { existsSync } from 'node:fs'
import { chmod, copyFile, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '../src/core/errors.js'
import { prepareTools, type ToolOptions } from './tools/prepare-tools.js'
import { findProgram } from './tools/run-program.js'

/** @returns path of the machine's Chromium, or of one that the lab downloads once (150 MB) */
export async function findChromium(options: ToolOptions): Promise<string> {
  const installed = await findProgram('chromium', ['--version'])
  if (installed !== undefined) return installed
  const { chromium } = await prepareTools(['chromium'], options)
  return writeLauncher(chromium)
}

/**
 * Writes a script that starts an unpacked Chromium. Chromium searches its files beside the running program, which here
 * is the dynamic loader, so the loader is copied to those files. Chromium starts its other processes with the same
 * script. Paths are relative to the script, so that the tree can be moved or copied.
 *
 * @param tree folder of the unpacked packages
 * @returns path of the script
 * @throws AppError `tool.failed` when the tree has no dynamic loader
 */
export async function writeLauncher(tree: string): Promise<string> {
  const folder = 'usr/lib/chromium'
  const triplet = (await readdir(join(tree, 'usr', 'lib'))).find(name => name.endsWith('-linux-gnu'))
  const libraries = triplet && `usr/lib/${triplet}`
  const loader = libraries && (await readdir(join(tree, libraries))).find(name => name.startsWith('ld-linux'))
  if (!loader) throw new AppError('tool.failed', `no dynamic loader in ${tree}: remove it and try again`)
  const copied = join(tree, folder, 'loader.so')
  if (!existsSync(copied)) await makeProgram(copied, draft => copyFile(join(tree, libraries, loader), draft))
  // Debian keeps some libraries in folders of their own.
  const paths = ['', '/nss', '/pulseaudio'].map(nested => `$tree/${libraries}${nested}`).join(':')
  const script = join(tree, 'chromium-headless')
  const text = `#!/bin/sh
tree=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
FONTCONFIG_SYSROOT="$tree"
export FONTCONFIG_SYSROOT
exec "$tree/${folder}/loader.so" --library-path "${paths}" "$tree/${folder}/chromium-headless-shell" \\
  --browser-subprocess-path="$tree/chromium-headless" --no-zygote --no-sandbox "$@"
`
  // An earlier version of the lab may have written another script.
  const written = await readFile(script, 'utf8').catch(() => '')
  if (written !== text) await makeProgram(script, draft => writeFile(draft, text))
  return script
}

/** Creates or replaces an executable file. Atomic: another process may be running or creating the same file. */
async function makeProgram(path: string, write: (draft: string) => Promise<void>): Promise<void> {
  const draft = `${path}.${process.pid}.new`
  await write(draft)
  await chmod(draft, 0o755)
  await rename(draft, path)
}
