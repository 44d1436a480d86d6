// Real: compose.yaml, Dockerfile, the scripts in container/, the page, the parser of the settings. Fake: what is behind the secrets.
// That the containers run is shown by `npm run test:compose`.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'
import { readConfig } from '../../../src/config/config.js'
import { readOwner } from '../../../src/config/read-owner.js'
import { SECRET_SETTINGS } from '../../../src/config/settings-file.js'
import { projectRoot } from '../../../src/lib/process/project.js'
import { blocksOf } from '../../install/guides/guide.js'

interface Container {
  image: string
  user: string
  command?: string[]
  environment: Record<string, string>
  secrets?: string[]
  volumes?: string[]
  restart?: string
  read_only?: boolean
  cap_drop?: string[]
  security_opt?: string[]
  ulimits?: { core: number }
  mem_limit: string
  memswap_limit: string
  stop_grace_period?: string
  healthcheck: { test?: string[]; disable?: boolean }
}

const root = projectRoot()
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const { services, secrets } = parse(read('compose.yaml'), { merge: true }) as {
  services: Record<string, Container>
  secrets: Record<string, { file: string }>
}
const dockerfile = read('Dockerfile')
const ours = Object.entries(services).filter(([, { image }]) => image === 'consentry')

/** Values for the secrets of a container, in files. */
const dir = t.testdir({
  'ari-password': 'hush',
  ...Object.fromEntries(
    ['database-url', 'database-console-url', 'database-owner-url'].map(name => [
      name,
      'postgres://a:b@127.0.0.1/c',
    ]),
  ),
})

/** The environment of a container as its process gets it, with the files of this test in place of those in the container. */
const environmentOf = ({ environment }: Container): Record<string, string> =>
  Object.fromEntries(
    Object.entries(environment).map(([name, value]) => [name, String(value).replace('/run/secrets', dir)]),
  )

t.test('what the program reads is in the image where it is in the project', t => {
  const copied = [...dockerfile.matchAll(/^COPY (?:--from=build \/app\/)?(\S+) \.\/(\S+)$/gm)]
  const data = copied.filter(([, , to]) => !to!.endsWith('/'))
  t.ok(data.some(([, from]) => from === 'voice/nets'))
  for (const [line, from, to] of data) t.equal(to, from!.replace(/^\.\//, ''), line)
  t.end()
})

t.test('every container is confined, bounded and watched', async t => {
  t.ok(ours.length >= 4)
  for (const [name, container] of Object.entries(services)) {
    t.match(container.user, /^(\$\{CONSENTRY_UID|[1-9]\d*:)/, `${name} does not run as root`)
    t.match(container, { read_only: true, cap_drop: ['ALL'], ulimits: { core: 0 } }, name)
    t.strictSame(container.security_opt, ['no-new-privileges:true'], name)
    t.match(container.mem_limit, /^\d+[mg]$/, `${name} has a limit of memory`)
    t.equal(container.memswap_limit, container.mem_limit, `${name} has no swap`)
    const ends = container.restart === 'no'
    t.equal(container.healthcheck.disable === true, ends, `${name} has a health check, or ends`)
    if (!ends) t.equal(container.restart, 'unless-stopped', `${name} is started again`)
  }
  t.match(
    services['consentry']?.stop_grace_period,
    /^(1[5-9]|[2-9]\d)s$/,
    'the service may end in good order',
  )
})

t.test('each setting of a container exists and is accepted', async t => {
  for (const [name, use] of [
    ['consentry', 'service'],
    ['console', 'console'],
  ] as const) {
    const config = readConfig(environmentOf(services[name]!), use)
    t.strictSame(config.unknownNames, [], name)
    t.equal(config.data, '/var/lib/consentry')
  }
  t.equal(readOwner(environmentOf(services['migrate']!)).service, undefined)
  const [, role] = services['migrate']!.command!.slice(1)
  t.equal(role, 'consentry', 'the role that container/roles.sql makes')
})

t.test('wherever roles are made, PostgreSQL logs no numbers for service and console', async t => {
  const places = {
    'container/roles.sql': read('container/roles.sql'),
    'docs/install.md': read('docs/install.md'),
  }
  for (const [place, text] of Object.entries(places))
    for (const role of ['consentry', 'consentry_console'])
      for (const setting of ['log_error_verbosity = terse', 'log_parameter_max_length = 0'])
        t.ok(text.includes(`\nalter role ${role} set ${setting};\n`), `${place}: ${role}, ${setting}`)
})

t.test('service and keeper meet at one socket, and the keeper gets folders only', async t => {
  const { consentry, keeper } = services
  t.strictSame(Object.keys(keeper!.environment).sort(), ['CONSENTRY_KEEPER_SOCKET', 'CONSENTRY_TAP_DIR'])
  for (const [name, value] of Object.entries(keeper!.environment)) {
    t.equal(value, consentry!.environment[name], name)
    t.match(read('container/keeper.sh'), `$${name}`)
    const mounted = keeper!.volumes!.some(volume => value.startsWith(`${volume.split(':')[1]}/`))
    t.ok(mounted, `${name} is in a folder of the host`)
  }
  t.strictSame(keeper!.secrets ?? [], [])
})

t.test('a secret is a file, and a container has those that its settings name', async t => {
  for (const [name, container] of Object.entries(services)) {
    for (const setting of SECRET_SETTINGS)
      t.notOk(setting in (container.environment ?? {}), `${name}: ${setting}`)
    const named = Object.values(container.environment ?? {})
      .map(value => /^\/run\/secrets\/(.+)$/.exec(String(value))?.[1])
      .filter(value => value !== undefined)
    const more = name === 'postgres' ? ['database-owner-url', 'database-url', 'database-console-url'] : []
    t.strictSame([...(container.secrets ?? [])].sort(), [...named, ...more].sort(), name)
  }
  t.notOk(
    services['consentry']!.secrets!.includes('database-owner-url'),
    "the service has not the owner's URL",
  )
  const prepare = read('container/prepare.sh')
  for (const [name, { file }] of Object.entries(secrets)) {
    t.equal(file, `/etc/consentry/secrets/${name}`)
    t.match(prepare, new RegExp(`^secret ${name} `, 'm'), `prepare.sh draws ${name}`)
  }
})

t.test('service and keeper see the pipes and the socket under the same paths as the host', async t => {
  for (const [name, { volumes }] of Object.entries(services)) {
    for (const volume of volumes ?? []) {
      const [source, target] = volume.split(':')
      if (source!.startsWith('/')) t.equal(target, source, name)
    }
  }
})

t.test('the image has what is there, under a user that is not root', async t => {
  const stages = dockerfile.split(/^FROM /m)
  const last = stages.at(-1)!
  t.match(last, /^scratch\n/, 'it begins empty')
  t.match(last, /^USER [1-9]\d*:[1-9]\d*$/m)
  t.match(last, /^HEALTHCHECK .*CMD \["node", "\/app\/container\/healthy\.js", "service"\]$/m)
  const admitted = read('.dockerignore')
    .split('\n')
    .filter(line => line.startsWith('!'))
  for (const [, words] of dockerfile.matchAll(/^COPY (?!--from)(.+)$/gm)) {
    for (const path of words!.split(' ').slice(0, -1)) {
      t.ok(existsSync(join(root, path)), path)
      const isAdmitted = admitted.some(line => path.replace('./', '').startsWith(line.slice(1)))
      t.ok(isAdmitted, `.dockerignore lets ${path} through`)
    }
  }
})

t.test('the ffmpeg of the image has every decoder that prompts may need', async t => {
  const built = read('container/ffmpeg.sh')
  const has = (kind: string) =>
    [...built.matchAll(new RegExp(`--enable-${kind}=(\\S+)`, 'g'))].flatMap(([, names]) => names!.split(','))
  const source = (name: string) => read(join('src', 'prompts', name))
  const [, decoders] = /DECODERS =\s*'([^']+)'/.exec(source('intake/decode.ts'))!
  t.strictSame(has('decoder').sort(), decoders!.split(',').sort())
  const demuxers = [...source('intake/decode.ts').matchAll(/demuxer: '(\w+)'/g)].map(([, name]) => name!)
  t.ok(demuxers.length >= 5)
  for (const name of demuxers) t.ok(has('demuxer').includes(name), name)
  const encoders = [...source('prompt-folder.ts').matchAll(/encoder: '(\w+)'/g)].map(([, name]) => name!)
  t.ok(encoders.length >= 5)
  // ffmpeg builds the encoder g722 under another name.
  for (const name of encoders) t.ok(has('encoder').includes(name.replace('g722', 'adpcm_g722')), name)
})

t.test('the page is typed quickly', async t => {
  const blocks = blocksOf(read('docs/install-containers.md'))
  t.ok(blocks.filter(({ heading }) => heading === 'Install').length <= 8, 'eight things to type, at most')
})
