// Real: the command, PostgreSQL, and the configuration files and the unit of Debian's Asterisk. Fake: the machine, a folder in place of /.
import { chmod, cp, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { prepareTools } from '../../../../lab/tools/prepare-tools.js'
import { Secret } from '../../../../src/core/secret.js'
import { connect } from '../../../../src/db/connection.js'
import { readAccess } from '../../../../src/db/embedded/access.js'
import { startEmbedded } from '../../../../src/db/embedded.js'
import { migrate } from '../../../../src/db/migrate.js'
import { checkSchema } from '../../../../src/db/schema.js'
import { readAsteriskConfig, repeatedSections, settingIn } from '../../../../src/lib/host/asterisk-config.js'
import { THIS_HOST } from '../../../../src/lib/host/processes.js'
import { makeKeys } from '../../../../src/recordings/keys/make-keys.js'
import { applyChange } from '../../../../src/site/setup/apply.js'
import type { Change } from '../../../../src/site/setup/change.js'
import { type Choices, planSetup } from '../../../../src/site/setup/plan.js'
import { superuserAt } from '../../../../src/site/setup/superuser.js'
import { consentry } from '../../../support/processes/command.js'
import { consentryReading } from '../../../support/processes/command-with-input.js'
import { scratch, silent } from '../../../support/processes/database.js'

t.setTimeout(300_000)
const { asterisk22 } = await prepareTools(['asterisk22'])

/** A folder that stands for the root of a Debian machine with Asterisk. */
async function machine(t: Test): Promise<string> {
  const root = await scratch(t)
  await mkdir(join(root, 'etc'), { recursive: true })
  await cp(join(asterisk22, 'etc/asterisk'), join(root, 'etc/asterisk'), { recursive: true })
  const units = join(root, 'usr/lib/systemd/system')
  await mkdir(units, { recursive: true })
  const unit = await readFile(join(asterisk22, 'usr/lib/systemd/system/asterisk.service'), 'utf8')
  await writeFile(join(units, 'asterisk.service'), unit)
  await writeFile(join(root, 'etc/passwd'), 'root:x:0:0::/root:/bin/sh\nasterisk:x:107:112::/:/bin/false\n')
  await writeFile(join(root, 'etc/group'), 'root:x:0:\nasterisk:x:112:\n')
  return root
}

const setup = (root: string, ...args: string[]) => consentry({}, 'setup', '--root', root, '--yes', ...args)

/** Plans the machine below a folder, and carries the plan out. @returns the plan */
async function setUp(
  root: string,
  { superuser, keys = 'console' }: Partial<Choices> = {},
): Promise<{ changes: Change[]; todo: string }> {
  const machine = {
    host: { ...THIS_HOST, root },
    asteriskConfig: '/etc/asterisk/asterisk.conf',
    isLive: false,
  }
  const plan = await planSetup(machine, { superuser, keys })
  const changes = plan.flatMap(step => step.changes)
  for (const change of changes) await applyChange({ machine, superuser, drawKeys: makeKeys }, change)
  return { changes, todo: plan.flatMap(step => step.todo.map(({ en }) => en)).join('\n') }
}

/** Every file below a folder with its content. */
async function contents(root: string): Promise<Map<string, string>> {
  const names = await readdir(root, { recursive: true, withFileTypes: true })
  const files = names.filter(one => one.isFile()).map(one => join(one.parentPath, one.name))
  return new Map(await Promise.all(files.map(async file => [file, await readFile(file, 'latin1')] as const)))
}

t.test('a dry run shows every change as a difference, without secrets, and changes nothing', async t => {
  const root = await machine(t)
  const before = await contents(root)
  const { code, out } = await setup(root, '--dry-run', '--database', 'embedded', '--keys', 'console')
  t.equal(code, 0, out)
  t.match(out, /user asterisk, group asterisk; dumps core \(-g\); real-time priority/, 'what was found')
  t.match(out, /\+\+\+ \/etc\/asterisk\/consentry-ari\.conf/)
  t.match(out, /\+password = ••••••/)
  t.match(out, /\+#include \/etc\/asterisk\/consentry-http\.conf/)
  t.match(out, /\+ExecStart=\/usr\/sbin\/asterisk -f -p -U asterisk -G asterisk/)
  t.match(out, /\$ systemctl daemon-reload/)
  t.match(out, /\+ARI_PASSWORD=••••••/)
  t.strictSame(await contents(root), before)
})

t.test('the files of Asterisk get what they lack, and no section begins twice', async t => {
  const root = await machine(t)
  const { todo } = await setUp(root)
  t.match(todo, /Restart Asterisk when it has no calls[\s\S]*\/setup\/key/)
  const folder = join(root, 'etc/asterisk')
  const [ari, http, options, extensions] = ['ari.conf', 'http.conf', 'asterisk.conf', 'extensions.conf'].map(
    name =>
      name === 'extensions.conf' ? undefined : readAsteriskConfig(join(folder, name), { folder, root }),
  )
  for (const [config, section] of [
    [ari, 'general'],
    [http, 'general'],
    [options, 'options'],
  ] as const)
    t.strictSame(repeatedSections(config!, section), [])
  const settings = await readFile(join(root, 'etc/consentry/consentry.env'), 'utf8')
  const [, password] = /^ARI_PASSWORD=(\w{48})$/m.exec(settings) ?? []
  t.match(settingIn(ari!, 'consentry', 'password'), password)
  t.equal(settingIn(ari!, 'general', 'websocket_write_timeout'), '1000')
  t.strictSame(
    ['enabled', 'bindaddr', 'sessionlimit'].map(key => settingIn(http!, 'general', key)),
    ['yes', '127.0.0.1', '2000'],
  )
  t.strictSame([settingIn(options!, 'options', 'maxfiles'), extensions], ['65536', undefined])
  t.match(
    await readFile(join(folder, 'extensions.conf'), 'utf8'),
    /\n#include \/etc\/asterisk\/consentry-extensions\.conf\n$/,
  )
  const { mode } = await stat(join(folder, 'consentry-ari.conf'))
  t.equal(mode & 0o777, 0o640, 'others do not read the password')
  const unit = await readFile(join(root, 'etc/systemd/system/asterisk.service.d/consentry.conf'), 'utf8')
  t.match(unit, /^ExecStart=\nExecStart=\/usr\/sbin\/asterisk -f -p -U asterisk -G asterisk\nLimitCORE=0$/m)
  t.match(await readFile(join(root, 'etc/tmpfiles.d/consentry.conf'), 'utf8'), /tap +2750 consentry asterisk/)
  t.notMatch(settings, /DATABASE_URL/, 'the embedded database needs no URL')
})

t.test('running it again changes nothing', async t => {
  const root = await machine(t)
  await setUp(root)
  const before = await contents(root)
  const { changes } = await setUp(root)
  t.strictSame(
    changes.filter(one => one.do !== 'run' && one.do !== 'console'),
    [],
  )
  t.strictSame(await contents(root), before)
})

t.test('what an operator has set stays, and only what lacks is added', async t => {
  const root = await machine(t)
  const folder = join(root, 'etc/asterisk')
  await writeFile(
    join(folder, 'ari.conf'),
    '[general]\nenabled = no\n[consentry]\ntype=user\npassword=mine\n',
  )
  await writeFile(
    join(folder, 'http.conf'),
    '[general]\nenabled=yes\nbindaddr=10.0.0.5\nbindport=8090\nsessionlimit=5000\n',
  )
  await writeFile(
    join(folder, 'extensions.conf'),
    '[globals]\n#include /opt/consentry/asterisk/consentry.conf\n',
  )
  await mkdir(join(root, 'etc/consentry'))
  await writeFile(join(root, 'etc/consentry/consentry.env'), 'CONSENTRY_NODE=north')
  await setUp(root)
  t.equal(
    await readFile(join(folder, 'http.conf'), 'utf8'),
    '[general]\nenabled=yes\nbindaddr=10.0.0.5\nbindport=8090\nsessionlimit=5000\n',
  )
  t.match(
    await readFile(join(folder, 'consentry-ari.conf'), 'utf8'),
    /\[general\]\(\+\)\nenabled = yes\nwebsocket_write_timeout = 1000\n$/,
  )
  t.match(
    await readFile(join(folder, 'extensions.conf'), 'utf8'),
    '[globals]\n#include /etc/asterisk/consentry-extensions.conf\n',
    'an older file is replaced',
  )
  t.match(
    await readFile(join(root, 'etc/consentry/consentry.env'), 'utf8'),
    /^CONSENTRY_NODE=north\nARI_URL=http:\/\/127\.0\.0\.1:8090\nARI_USERNAME=consentry\nARI_PASSWORD=mine\n/,
  )
})

t.test("FreePBX's own files are left alone: what it includes for people is used", async t => {
  const root = await machine(t)
  const folder = join(root, 'etc/asterisk')
  const generated =
    '[general]\nenabled=yes\n#include ari_general_custom.conf\n#include ari_additional_custom.conf\n'
  await writeFile(join(folder, 'ari.conf'), generated)
  await writeFile(join(folder, 'ari_general_custom.conf'), '')
  await writeFile(join(folder, 'ari_additional_custom.conf'), '')
  await writeFile(join(folder, 'extensions.conf'), '#include extensions_custom.conf\n')
  await writeFile(join(folder, 'extensions_custom.conf'), '[mine]\nexten => 1,1,NoOp()')
  await setUp(root)
  t.equal(await readFile(join(folder, 'ari.conf'), 'utf8'), generated)
  t.equal(
    await readFile(join(folder, 'ari_additional_custom.conf'), 'utf8'),
    '#include /etc/asterisk/consentry-ari.conf\n',
  )
  t.equal(await readFile(join(folder, 'extensions.conf'), 'utf8'), '#include extensions_custom.conf\n')
  t.equal(
    await readFile(join(folder, 'extensions_custom.conf'), 'utf8'),
    '[mine]\nexten => 1,1,NoOp()\n#include /etc/asterisk/consentry-extensions.conf\n',
  )
})

t.test(
  'beside FreePBX, fwconsole chown is kept from the password, and a password that is open is closed',
  async t => {
    const root = await machine(t)
    const folder = join(root, 'etc/asterisk')
    await writeFile(join(folder, 'ari.conf'), '[general]\nenabled=yes\n#include ari_additional_custom.conf\n')
    await writeFile(join(folder, 'ari_additional_custom.conf'), '')
    const chown = join(folder, 'freepbx_chown.conf')
    await writeFile(chown, '[blacklist]\nitem = /mine\n[custom]\n')
    const { changes } = await setUp(root)
    const exempt = '[blacklist]\nitem = /etc/asterisk/consentry-ari.conf\nitem = /mine\n[custom]\n'
    t.equal(await readFile(chown, 'utf8'), exempt)
    const closes = (all: Change[]) => all.some(one => one.do === 'close')
    t.notOk(closes(changes))
    await chmod(join(folder, 'consentry-ari.conf'), 0o664)
    const again = await setUp(root)
    t.ok(closes(again.changes), 'as fwconsole chown leaves it')
    t.equal(await readFile(chown, 'utf8'), exempt, 'it is named once')
    await rm(chown)
    await setUp(root)
    t.equal(await readFile(chown, 'utf8'), '[blacklist]\nitem = /etc/asterisk/consentry-ari.conf\n')
  },
)

t.test('roles and database are made on a real server, once, and the schema fits them', async t => {
  const root = await machine(t)
  const dir = join(await scratch(t), 'db')
  // The server has roles of its own for an embedded database, which are not to be in the way.
  const embedded = await startEmbedded({ dir, log: silent })
  t.teardown(() => embedded.stop())
  const { port, passwords } = await readAccess(dir)
  const superuser = `postgres://postgres:${passwords.postgres}@127.0.0.1:${port}/postgres`
  const asSuperuser = await connect(superuser, 'test')
  t.teardown(() => asSuperuser.cut())
  await asSuperuser.query('drop database consentry')
  const server = await superuserAt(new Secret(superuser))
  const { changes } = await setUp(root, { superuser: server })
  t.match(JSON.stringify(changes), /create database consentry owner consentry_owner/)
  const [env, owner] = await Promise.all(
    ['consentry.env', 'database-admin-url'].map(name => readFile(join(root, 'etc/consentry', name), 'utf8')),
  )
  const url = (text: string, name: string) => new RegExp(`^${name}=(\\S+)$`, 'm').exec(text)![1]!
  await migrate(owner!.trim(), { service: 'consentry', console: 'consentry_console' })
  await checkSchema(url(env!, 'DATABASE_URL'))
  await checkSchema(url(env!, 'DATABASE_CONSOLE_URL'))
  t.equal((await stat(join(root, 'etc/consentry/database-admin-url'))).mode & 0o777, 0o600)
  const { rows } = await asSuperuser.query<{ config: string[] }>(
    `select rolconfig as config from pg_roles where rolname in ('consentry', 'consentry_console')`,
  )
  const logging = ['log_error_verbosity=terse', 'log_parameter_max_length=0']
  t.strictSame(rows, [{ config: logging }, { config: logging }])
  const file = join(root, 'superuser-url')
  await writeFile(file, `${superuser}\n`)
  t.match(await setup(root, '--dry-run', '--superuser', file), { code: 0, out: /has the database/ })
  // The first of two servers is away.
  const both = await superuserAt(new Secret(superuser.replace('@', '@127.0.0.1:1,')))
  t.equal(both.address, `127.0.0.1:1,127.0.0.1:${port}`)
  t.strictSame(await both.ask('select 1'), ['1'])
  const again = await setUp(root, { superuser: server })
  t.notOk(
    again.changes.some(one => one.do === 'sql'),
    'the second time nothing is left to do',
  )
  await checkSchema(url(env!, 'DATABASE_URL'))
})

t.test('keys are drawn into a folder that is there and on a disk, and only once', async t => {
  const root = await machine(t)
  const disk = await scratch(t)
  const drawInto = (folder: string) => setUp(root, { keys: { folder, purposes: ['service'] } })
  await t.rejects(drawInto('/dev/shm'), { code: 'request.invalid', message: /in memory.*removable disk/ })
  await t.rejects(drawInto(join(disk, 'none')), { code: 'request.invalid', message: /There is no folder/ })
  t.match((await drawInto(disk)).todo, /identity\.json.*keep a copy/)
  const drawn = await readFile(join(disk, 'recipients.json'), 'utf8')
  t.equal(await readFile(join(root, 'etc/consentry/recipients.json'), 'utf8'), drawn)
  t.match(
    await readFile(join(root, 'etc/consentry/consentry.env'), 'utf8'),
    /^CONSENTRY_RECIPIENTS=\/etc\/consentry\/recipients\.json$/m,
  )
  await drawInto(disk)
  t.equal(await readFile(join(disk, 'recipients.json'), 'utf8'), drawn, 'the keys stay')
})

t.test('on a terminal it asks, and does nothing without a yes', async t => {
  const root = await machine(t)
  const before = await contents(root)
  const asking = (answers: string, ...args: string[]) =>
    consentryReading(answers, 'setup', '--root', root, ...args)
  const refused = await asking('sqlite\nembedded\n\nno\n')
  t.match(refused, {
    code: 1,
    out: /consentry-ari\.conf/,
    err: /Which PostgreSQL[\s\S]*Which PostgreSQL[\s\S]*Carry this out/,
  })
  t.strictSame(await contents(root), before)
  const agreed = await asking('embedded\nconsole\nда\n', '--lang', 'ru')
  t.match(agreed, { code: 0, out: /Остаётся сделать:/, err: /Выполнить\?/ }, agreed.err)
  t.match(await readFile(join(root, 'etc/consentry/consentry.env'), 'utf8'), /ARI_PASSWORD=/)
})

t.test('what a file has for terminals, or as a group, is no more than text', async t => {
  const root = await machine(t)
  const folder = join(root, 'etc/asterisk')
  await writeFile(join(folder, 'extensions.conf'), '[default]\n; \u001b]0;title\u0007\n')
  await writeFile(join(folder, 'asterisk.conf'), '[options]\nrunuser = asterisk\nrungroup = asterisk 1s\n')
  await rm(join(root, 'usr/lib/systemd/system/asterisk.service'))
  const { code, out } = await setup(root, '--dry-run', '--database', 'embedded')
  t.equal(code, 0, out)
  t.match(out, /; \ufffd\]0;title\ufffd\n/)
  t.match(out, /tap +2750 consentry asterisk\n/)
})

t.test('without runuser, or with a URL that is none, it says what to do', async t => {
  const root = await machine(t)
  const words = ['setup', '--root', root, '--dry-run', '--yes']
  const local = await consentry({ PATH: join(root, 'etc') }, ...words, '--database', 'local')
  t.match(local, { code: 1, err: /no program runuser: install util-linux, name a superuser/ })
  const file = join(root, 'superuser-url')
  for (const hosts of ['a b', 'a:x,b']) {
    await writeFile(file, `postgres://postgres:hush@${hosts}/postgres\n`)
    const refused = await consentry({}, ...words, '--superuser', file)
    t.equal(refused.code, 1, hosts)
    t.match(refused.err, /malformed|has no URL/, hosts)
    t.notMatch(refused.err, /hush/)
  }
})

t.test('an order that is not understood does nothing', async t => {
  const root = await machine(t)
  const before = await contents(root)
  t.match(await setup(root, '--database', 'mysql'), { code: 2, err: /local or embedded/ })
  const onCommandLine = await setup(root, '--superuser', 'postgres://postgres:hush@127.0.0.1:1/postgres')
  t.match(onCommandLine, { code: 2, err: /names a file.*sees a command line/ })
  t.notMatch(onCommandLine.err, /hush/)
  await writeFile(join(root, 'superuser-url'), 'hush')
  const without = await setup(root, '--superuser', join(root, 'superuser-url'))
  t.match(without, { code: 1, err: /superuser-url has no URL/ })
  t.notMatch(without.err, /hush/)
  t.match(await setup(root, '--superuser', join(root, 'none')), { code: 1, err: /cannot be read/ })
  await rm(join(root, 'superuser-url'))
  t.strictSame(await contents(root), before)
})
