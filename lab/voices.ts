import { chmod, mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { prepareTools, type ToolOptions } from './tools/prepare-tools.js'

/**
 * Provides voices that the lab downloads once (20 MB): flite for English, espeak-ng for Russian.
 *
 * @returns the folder of their programs, for the PATH
 */
export async function findVoices(options: ToolOptions): Promise<string> {
  const { voices } = await prepareTools(['voices'], options)
  const folder = join(voices, 'speech')
  await mkdir(folder, { recursive: true })
  await launcher(folder, 'flite', '')
  // espeak-ng searches its data where Debian installs it.
  await launcher(folder, 'espeak-ng', 'export ESPEAK_DATA_PATH="$(echo "$tree"/usr/lib/*-linux-gnu)"\n')
  return folder
}

/** Writes a script that starts an unpacked program. Atomic, because other processes may start it. */
async function launcher(folder: string, name: string, setting: string): Promise<void> {
  const draft = join(folder, `.${name}.${process.pid}`)
  const tree = 'tree=$(CDPATH= cd -- "${0%/*}/.." && pwd)'
  await writeFile(draft, `#!/bin/sh\n${tree}\n${setting}exec "$tree/bin/${name}" "$@"\n`)
  await chmod(draft, 0o755)
  await rename(draft, join(folder, name))
}
