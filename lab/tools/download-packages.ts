import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { findKeyring, findMirror } from './mirror.js'
import { type Progress, runProgram } from './run-program.js'

const NETWORK_HINT =
  'Check that this machine reaches its Debian mirror (apt-get update must work); if the suite has left the mirror, add the archive that keeps it to the apt sources.'

/**
 * Configuration for apt. All paths are in our own folder and the package status is empty, so that apt neither reads nor changes
 * what is installed, and works for any user. apt reads it after the machine's configuration (`-c`): proxy settings stay in
 * force, and the hooks that would touch the machine's caches are cleared.
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
    `Dir::Cache "${dir}/cache";`,
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

/**
 * Downloads packages of one Debian suite with all their dependencies. Needs no root and does not change the system.
 *
 * @param dir an empty folder of our own
 * @param mirror base URI; by default the machine's own
 * @returns paths of the archives
 * @throws AppError `tool.missing`, `tool.failed`
 */
export async function downloadPackages(
  dir: string,
  suite: string,
  packages: string[],
  progress: Progress,
  mirror?: string | undefined,
): Promise<string[]> {
  const archives = join(dir, 'cache', 'archives')
  await mkdir(join(dir, 'lists', 'partial'), { recursive: true })
  await mkdir(join(archives, 'partial'), { recursive: true })
  const [uri, keyring] = [mirror ?? (await findMirror(suite)), await findKeyring()]
  await writeFile(join(dir, 'status'), '')
  await writeFile(join(dir, 'sources.list'), `deb [signed-by=${keyring}] ${uri} ${suite} main\n`)
  await writeFile(join(dir, 'apt.conf'), aptConfig(dir))
  const apt = (...args: string[]) =>
    runProgram('apt-get', ['-c', join(dir, 'apt.conf'), '-q', ...args], NETWORK_HINT)

  progress(`reading the package list of Debian ${suite}`)
  // Without this option an unreachable mirror is only a warning, and the later error does not name it.
  await apt('-o', 'APT::Update::Error-Mode=any', 'update')
  progress(`downloading ${packages.join(', ')}`)
  await apt('--download-only', 'install', ...packages)
  const names = await readdir(archives)
  return names.filter(name => name.endsWith('.deb')).map(name => join(archives, name))
}
