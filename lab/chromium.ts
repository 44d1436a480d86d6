import { existsSync } from 'node:fs'
import { chmod, copyFile, readdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '../src/shared/errors.js'
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
 * Writes a script that starts an unpacked Chromium. Chromium looks for its files beside the running program, which here is
 * the dynamic loader, so the loader is copied to those files. Chromium starts its other processes with the same script.
 */
async function writeLauncher(tree: string): Promise<string> {
  const folder = join(tree, 'usr', 'lib', 'chromium')
  const triplet = (await readdir(join(tree, 'usr', 'lib'))).find(name => name.endsWith('-linux-gnu'))
  const libraries = triplet && join(tree, 'usr', 'lib', triplet)
  const loader = libraries && (await readdir(libraries)).find(name => name.startsWith('ld-linux'))
  if (!loader) throw new AppError('tool.failed', `no dynamic loader in ${tree}: remove it and try again`)
  await makeProgram(join(folder, 'loader.so'), draft => copyFile(join(libraries, loader), draft))
  const script = join(tree, 'chromium-headless')
  // Debian keeps some libraries in folders of their own.
  const paths = [libraries, join(libraries, 'nss'), join(libraries, 'pulseaudio')].join(':')
  await makeProgram(script, draft =>
    writeFile(
      draft,
      `#!/bin/sh
FONTCONFIG_SYSROOT="${tree}"
export FONTCONFIG_SYSROOT
exec "${folder}/loader.so" --library-path "${paths}" "${folder}/chromium-headless-shell" \\
  --browser-subprocess-path="$0" --no-zygote --no-sandbox "$@"
`,
    ),
  )
  return script
}

/** Creates an executable file unless it exists. Atomic: another process may be running or creating the same file. */
async function makeProgram(path: string, write: (draft: string) => Promise<void>): Promise<void> {
  if (existsSync(path)) return
  const draft = `${path}.${process.pid}.new`
  await write(draft)
  await chmod(draft, 0o755)
  await rename(draft, path)
}
