// Real: the settings of docs/install.md, the commands of the units, the files of the package, PostgreSQL, keeper, ffmpeg. Fake: the PBX,
// systemd. The service's user cannot write to the program. test/install runs the same by systemd.
import { execFile, type SpawnOptions, spawn } from 'node:child_process'
import { chmod, chown, mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, isAbsolute, join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { endKeeper, keepersOf } from '../../../lab/process/end-keeper.js'
import { removeProtected } from '../../../lab/process/remove-protected.js'
import { stageProgram } from '../../../packaging/build/debian-package.js'
import { Stage } from '../../../packaging/build/stage.js'
import { startEmbedded } from '../../../src/db/embedded.js'
import { projectRoot } from '../../../src/lib/process/project.js'
import { FakePbx } from '../../support/fakes/fake-pbx.js'
import { scratch, silent, until } from '../../support/processes/database.js'
import { ffmpeg } from '../../support/processes/ffmpeg.js'
import { inNamespace } from '../../support/processes/namespace.js'

t.setTimeout(500_000)
const run = promisify(execFile)
const guide = await readFile(join(projectRoot(), 'docs', 'install.md'), 'utf8')
const dir = await scratch(t)
await chmod(dir, 0o711)
const [code, work, programs] = ['opt', 'work', 'programs'].map(name => join(dir, name)) as [
  string,
  string,
  string,
]

/** Makes a command run as an ordinary user: as another user if this is root, else without the privileges of the namespace. */
const ORDINARY =
  process.getuid?.() === 0
    ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups']
    : ['setpriv', '--bounding-set=-all', '--inh-caps=-all']

/** A command in which node and ffmpeg are found where the service's user may read them. */
const confined = (command: string[]): [string, string[]] => {
  const tree = isAbsolute(ffmpeg) ? dirname(dirname(ffmpeg)) : undefined
  const mounts = [
    `mount --bind ${process.execPath} ${join(programs, 'node')}`,
    ...(tree ? [`mount --bind ${tree} ${join(programs, 'ffmpeg')}`] : []),
  ]
  const [program, ...words] = [...inNamespace(mounts.join('\n')), ...command]
  return [program!, words]
}

/** The values of a setting of a unit, such as `ExecStart`. */
async function valuesOf(unit: string, setting: string): Promise<string[]> {
  const text = await readFile(join(projectRoot(), 'packaging', 'systemd', `${unit}.service`), 'utf8')
  return [...text.matchAll(new RegExp(`^${setting}=(.*)$`, 'gm'))].map(([, value]) => value!)
}

/** The command of a unit, with the paths of this copy. */
async function commandOf(unit: string): Promise<string[]> {
  const [words] = await valuesOf(unit, 'ExecStart')
  return words!
    .replaceAll('/usr/bin/node', join(programs, 'node'))
    .replaceAll('/usr/lib/consentry', join(code, 'usr/lib/consentry'))
    .split(' ')
}

/** Settings of a file in the guide. Each must have a value in `values`. */
function settings(file: string, values: Record<string, string>): Record<string, string> {
  const text = guide.slice(guide.indexOf(`\`/etc/consentry/${file}\`, owner`))
  const names = [...text.slice(0, text.indexOf('\n```\n')).matchAll(/^([A-Z_]+)=/gm)].map(([, name]) => name!)
  t.ok(names.length > 0, `${file} has settings in the guide`)
  return Object.fromEntries(
    names.map(name => {
      if (values[name] === undefined) throw new Error(`${file} has ${name}: give it a value here`)
      return [name, values[name]]
    }),
  )
}

/** Starts a command as the service's user, with this environment and nothing else. */
function asService(command: string[], env: Record<string, string>, options: SpawnOptions = {}) {
  const [program, words] = confined([...ORDINARY, ...command])
  const child = spawn(program, words, {
    cwd: '/',
    env: { PATH: process.env['PATH'] ?? '', ...env },
    ...options,
  })
  let said = ''
  child.stdout?.on('data', piece => (said += piece))
  child.stderr?.on('data', piece => (said += piece))
  const ended = new Promise<number | null>(resolve => child.once('close', resolve))
  return { child, ended, said: () => said }
}

t.test(
  'the documented installation runs as an ordinary user, on code that the user cannot write to',
  async t => {
    await mkdir(code)
    stageProgram(projectRoot(), new Stage(code))
    await mkdir(join(programs, 'ffmpeg'), { recursive: true })
    await writeFile(join(programs, 'node'), '')
    await mkdir(work)
    if (process.getuid?.() === 0) await chown(work, 65534, 65534)
    // Only root could remove the copy as it is then.
    t.teardown(() => run('chmod', ['-R', 'u+w', code]))
    await run('chmod', ['-R', 'a-w,a+rX', code])
    t.equal(
      await asService(['touch', join(work, 'mine')], {}).ended,
      0,
      'the user can write to its own folder',
    )
    t.equal(
      await asService(['touch', join(code, 'usr/lib/consentry/dist', 'mine')], {}).ended,
      1,
      'the user cannot write to the code',
    )

    const server = await startEmbedded({ dir: join(dir, 'postgres'), log: silent })
    t.teardown(() => server.stop())
    const pbx = await FakePbx.start(t)
    const [data, tap, keys] = ['data', 'tap', 'keys'].map(name => join(work, name)) as [
      string,
      string,
      string,
    ]
    const node = join(programs, 'node')
    const keygen = asService(
      [node, join(code, 'usr/lib/consentry/bin/consentry.js'), 'keygen', 'service', '--dir', keys],
      {},
    )
    t.equal(await keygen.ended, 0, keygen.said())
    const own = settings('consentry.env', {
      DATABASE_URL: server.url,
      DATABASE_CONSOLE_URL: server.consoleUrl,
      CONSENTRY_DATA: data,
      CONSENTRY_KEYSTORE: `file:${join(work, 'key-store')}`,
      CONSENTRY_RECIPIENTS: join(keys, 'recipients.json'),
      CONSENTRY_TAP_DIR: tap,
      ARI_USERNAME: 'consentry',
      ARI_PASSWORD: 'geheim',
    })
    const service = {
      ...own,
      ARI_URL: pbx.url,
      CONSENTRY_HTTP: '127.0.0.1:0',
      CONSENTRY_CONSOLE: '127.0.0.1:0',
      ...(isAbsolute(ffmpeg) && { CONSENTRY_FFMPEG: join(programs, 'ffmpeg', 'bin', 'ffmpeg') }),
    }
    const url = join(work, 'database-admin-url')
    await writeFile(url, `${server.adminUrl}\n`, { mode: 0o644 })
    const units = ['consentry-migrate', 'consentry-keeper', 'consentry', 'consentry-console']
    const [migrate, keep, serve, look] = await Promise.all(units.map(commandOf))

    const early = asService(serve!, service)
    t.equal(await early.ended, 1)
    t.match(early.said(), /run `consentry migrate`/)
    const migrated = asService(migrate!, { DATABASE_ADMIN_URL_FILE: url })
    t.equal(await migrated.ended, 0, migrated.said())

    t.teardown(async () => {
      await endKeeper(data, await keepersOf(tap))
      await removeProtected(tap)
    })
    const [keeperSettings] = await valuesOf('consentry-keeper', 'StandardInputText')
    const socket = join(work, 'keeper', 'keeper.sock')
    const keeper = asService(keep!, {}, { stdio: 'pipe' })
    t.teardown(() => keeper.child.kill('SIGKILL'))
    keeper.child.stdin!.end(JSON.stringify({ ...JSON.parse(keeperSettings!), tapDir: tap, socket }))

    const { child, ended, said } = asService(serve!, { ...service, CONSENTRY_KEEPER_SOCKET: socket })
    t.teardown(() => child.kill('SIGKILL'))
    await until(() => said().includes('ready for calls') || child.exitCode !== null)
    t.match(said(), /"ready for calls"/)
    t.strictSame(await keepersOf(tap), [keeper.child.pid], 'the service has started no keeper')

    const unset = (await valuesOf('consentry-console', 'UnsetEnvironment')).join(' ').split(' ')
    const left = Object.entries(service).filter(([name]) => !unset.includes(name))
    t.strictSame(
      left.filter(([, value]) => value === server.url || value === 'geheim'),
      [],
      'the console gets no secret of the service',
    )
    const console = asService(look!, Object.fromEntries(left))
    t.teardown(() => console.child.kill('SIGKILL'))
    await until(
      () =>
        console.said().includes('Nobody can sign in to the console yet') || console.child.exitCode !== null,
    )
    t.match(console.said(), 'Nobody can sign in to the console yet', 'the console has its role')

    t.notMatch(said() + console.said(), /compiling|installing|setting/)
    child.kill('SIGTERM')
    t.equal(await ended, 0, said())
    t.equal(await keeper.ended, 0, 'a keeper that has nothing to keep ends with the service')
  },
)
