import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { findKeyring, findMirror } from './mirror.js'
import { type Progress, runProgram } from './run-program.js'

const NETWORK_HINT =
  'Check that this machine reaches its Debian mirror (apt-get update must work); if the suite has left the mirror, add the archive that keeps it to the apt sources.'

/**
 * Configuration for apt. All paths are in our own folder and the package status is empty. So apt neither reads nor
 * changes the installed packages, and works for any user. apt reads it after the machine's configuration (`-c`): proxy
 * settings stay in force, and the hooks that would change the machine's caches are cleared.
 */
const aptConfig = (dir: string) =>
  [
    '#clear APT::Update::Post-Invoke;',
    '#clear APT::Update::Post-Invoke-Success;',
    '#clear DPkg::Pre-Invoke;',
    '#clear DPkg::Post-Invoke;',
    '#clear DPkg::Pre-Install-Pkgs;',
    `Dir::Etc::sourcelist "${dir}/sources.list";`,
    'Dir::Etc::sourceparts "/dev/null";',
    'Dir::Etc::preferences "/dev/null";',
    'Dir::Etc::preferencesparts "/dev/null";',
    `Dir::State::Lists "${dir}/lists";`,
    `Dir::State::status "${dir}/status";`,
    `Dir::State::extended_states "${dir}/extended_states";`,
    'Debug::NoLocking "1";',
    'APT::Install-Recommends "false";',
    // The user _apt could not write into our folder.
    'APT::Sandbox::User "";',
    'APT::Get::Assume-Yes "true";',
    'Acquire::Languages "none";',
    'Acquire::Retries "3";',
    'Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled "false";',
    // The Release file of a suite without updates (bullseye) is past its Valid-Until. apt still checks its signature;
    // only the replay of an older state is possible.
    'Acquire::Check-Valid-Until "false";',
    '',
  ].join('\n')

/** A suite of Debian. Its package list is read once, with the first download. Needs no root and does not change the system. */
export class DebianSuite {
  #listed?: Promise<void>

  /**
   * @param dir a folder of our own, for the package list
   * @param mirror base URI; by default the machine's own
   */
  constructor(
    private readonly dir: string,
    private readonly suite: string,
    private readonly progress: Progress,
    private readonly mirror?: string | undefined,
  ) {}

  /**
   * Downloads packages with all their dependencies.
   *
   * @param cache an empty folder of our own
   * @returns paths of the archives
   * @throws AppError `tool.missing`, `tool.failed`
   */
  async download(packages: string[], cache: string): Promise<string[]> {
    this.#listed ??= this.#readList()
    await this.#listed
    const archives = join(cache, 'archives')
    await mkdir(join(archives, 'partial'), { recursive: true })
    this.progress(`downloading ${packages.join(', ')}`)
    await this.#apt('-o', `Dir::Cache=${cache}`, '--download-only', 'install', ...packages)
    const names = await readdir(archives)
    return names.filter(name => name.endsWith('.deb')).map(name => join(archives, name))
  }

  async #readList(): Promise<void> {
    const { dir, suite } = this
    await mkdir(join(dir, 'lists', 'partial'), { recursive: true })
    const [uri, keyring] = [this.mirror ?? (await findMirror(suite)), await findKeyring()]
    await writeFile(join(dir, 'status'), '')
    await writeFile(join(dir, 'sources.list'), `deb [signed-by=${keyring}] ${uri} ${suite} main\n`)
    await writeFile(join(dir, 'apt.conf'), aptConfig(dir))
    this.progress(`reading the package list of Debian ${suite}`)
    // Without this option an unreachable mirror is only a warning, and the later error does not name it.
    await this.#apt('-o', 'APT::Update::Error-Mode=any', '-o', `Dir::Cache=${join(dir, 'cache')}`, 'update')
  }

  #apt(...args: string[]) {
    return runProgram('apt-get', ['-c', join(this.dir, 'apt.conf'), '-q', ...args], NETWORK_HINT)
  }
}
