import { mkdir, mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises'
import { availableParallelism, homedir } from 'node:os'
import { basename, join } from 'node:path'
import { DebianSuite } from './download-packages.js'
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

/** How many sets are fetched at once: while one waits for the network, another is unpacked. */
const SETS_AT_ONCE = 2

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
  const waiting: N[] = []
  for (const name of names) if (!(await exists(trees[name]))) waiting.push(name)
  if (waiting.length === 0) return trees
  await mkdir(base, { recursive: true })
  const work = await mkdtemp(join(base, '.install-'))
  const suites = new Map<string, DebianSuite>()
  const suiteOf = (suite: string) => {
    const known = suites.get(suite) ?? new DebianSuite(join(work, suite), suite, progress, options.mirror)
    suites.set(suite, known)
    return known
  }
  const worker = async () => {
    for (let name = waiting.shift(); name; name = waiting.shift()) {
      const { suite } = TOOL_SETS[name]
      await installOnce(name, trees[name], {
        base,
        work: join(work, `of-${name}`),
        suite: suiteOf(suite),
        progress,
      })
    }
  }
  const ended = await Promise.allSettled(Array.from({ length: SETS_AT_ONCE }, worker))
  await rm(work, { recursive: true, force: true })
  for (const one of ended) if (one.status === 'rejected') throw one.reason
  return trees
}

interface Installation {
  /** the folder of all sets */
  base: string
  /** a temporary folder for this set */
  work: string
  suite: DebianSuite
  progress: Progress
}

/** Installs a set, unless another process does so meanwhile. */
async function installOnce(name: ToolSetName, tree: string, to: Installation): Promise<void> {
  const waiting = () => to.progress(`another process is fetching ${name}: waiting for it`)
  await withInstallLock(join(to.base, `.${name}.lock`), waiting, async () => {
    if (!(await exists(tree))) await install(name, tree, to)
  })
}

/** Downloads and unpacks one set in its temporary folder, which is renamed when complete. */
async function install(name: ToolSetName, tree: string, { work, suite, progress }: Installation) {
  const set = TOOL_SETS[name]
  const archives = await suite.download(set.packages, join(work, 'apt'))
  progress(`unpacking ${archives.length} packages for ${name}`)
  await unpack(archives, join(work, 'tree'))
  await writeWrappers(join(work, 'tree'), set.programs)
  await writeFile(join(work, 'tree', 'packages.txt'), archives.map(path => `${basename(path)}\n`).join(''))
  await rename(join(work, 'tree'), tree).catch(async error => {
    // Another process has installed the same set.
    if (!(await exists(tree))) throw error
  })
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
