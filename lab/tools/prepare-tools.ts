import { mkdir, mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises'
import { availableParallelism, homedir } from 'node:os'
import { basename, join } from 'node:path'
import { downloadPackages } from './download-packages.js'
import { withInstallLock } from './install-lock.js'
import { type Progress, runProgram } from './run-program.js'
import { RECIPE, TOOL_SETS, type ToolSetName } from './tool-sets.js'
import { writeWrappers } from './wrappers.js'

export interface ToolOptions {
  progress?: Progress | undefined
  /** Folder for downloads that are kept; `~/.cache/consentry` by default. */
  cache?: string | undefined
  /** Base URI of a Debian mirror; by default from the machine's apt sources. */
  mirror?: string | undefined
}

/** Folder of each unpacked tool set. Its programs are in `bin/`. */
export type ToolTrees<N extends ToolSetName> = Record<N, string>

const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  )

/**
 * Downloads and unpacks those tool sets that are not in the cache. Needs apt, dpkg and a network, but neither root nor
 * installed packages.
 *
 * @returns each set's folder
 * @throws AppError `tool.missing`, `tool.failed`
 */
export async function prepareTools<N extends ToolSetName>(
  names: N[],
  options: ToolOptions = {},
): Promise<ToolTrees<N>> {
  const progress = options.progress ?? (() => {})
  const base = join(options.cache ?? join(homedir(), '.cache', 'consentry'), 'tools')
  const trees = Object.fromEntries(names.map(name => [name, join(base, `${name}-${RECIPE}`)])) as ToolTrees<N>
  for (const name of names) {
    if (await exists(trees[name])) continue
    await mkdir(base, { recursive: true })
    const waiting = () => progress(`another process is fetching ${name}: waiting for it`)
    await withInstallLock(join(base, `.${name}.lock`), waiting, async () => {
      if (!(await exists(trees[name]))) await install(name, trees[name], base, progress, options.mirror)
    })
  }
  return trees
}

/** Downloads and unpacks one set in a temporary folder, which is renamed when complete. */
async function install(
  name: ToolSetName,
  tree: string,
  base: string,
  progress: Progress,
  mirror?: string | undefined,
) {
  const set = TOOL_SETS[name]
  const work = await mkdtemp(join(base, `.${name}-`))
  try {
    const archives = await downloadPackages(join(work, 'apt'), set.suite, set.packages, progress, mirror)
    progress(`unpacking ${archives.length} packages for ${name}`)
    await unpack(archives, join(work, 'tree'))
    await writeWrappers(join(work, 'tree'), set.programs)
    await writeFile(join(work, 'tree', 'packages.txt'), archives.map(path => `${basename(path)}\n`).join(''))
    await rename(join(work, 'tree'), tree).catch(async error => {
      // Another process has installed the same set.
      if (!(await exists(tree))) throw error
    })
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

async function unpack(archives: string[], tree: string): Promise<void> {
  await mkdir(tree, { recursive: true })
  const waiting = [...archives]
  const worker = async () => {
    for (let archive = waiting.pop(); archive; archive = waiting.pop()) {
      await runProgram('dpkg', ['-x', archive, tree], 'The lab unpacks its PBX with dpkg: run it on Debian.')
    }
  }
  await Promise.all(Array.from({ length: availableParallelism() }, worker))
}
