// Real: files, users of the system, links, pipes, the plan and its changes, processes, the command. Fake: the machine, a folder in
// place of /.
// Root sets up beside a hostile user of the PBX and a hostile local user. Only root has other users to attack with.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { askConsole } from '../../../../src/lib/host/asterisk-console.js'
import { allAsterisks } from '../../../../src/lib/host/asterisk-process.js'
import { THIS_HOST } from '../../../../src/lib/host/processes.js'
import { applyChange } from '../../../../src/site/setup/apply.js'
import type { Change } from '../../../../src/site/setup/change.js'
import type { Machine } from '../../../../src/site/setup/machine.js'
import { planSetup } from '../../../../src/site/setup/plan.js'
import { planRemoval } from '../../../../src/site/setup/removal.js'
import {
  asUser,
  hostileMachine,
  leaked,
  outside,
  PBX,
  plant,
  SECRET,
  STRANGER,
} from '../../../support/check/hostile-machine.js'
import { look } from '../../../support/check/planted.js'
import { consentry } from '../../../support/processes/command.js'
import { scratch } from '../../../support/processes/database.js'

t.setTimeout(120_000)
const isRoot = process.getuid?.() === 0

/** Plans the machine and carries the plan out, as far as it is not refused. @returns all that a person could see */
async function setUp(machine: Machine, between: () => void = () => {}): Promise<string> {
  const said: string[] = []
  const apply = async (changes: readonly Change[]) => {
    for (const change of changes)
      await applyChange({ machine, superuser: undefined, drawKeys: async () => ({ keys: [] }) }, change)
  }
  const attempt = async (work: () => Promise<void>) =>
    work().catch((error: Error & { code?: string }) => {
      if (!['file.refused', 'tool.failed'].includes(error.code ?? '')) throw error
      said.push(error.message)
    })
  await attempt(async () => {
    const steps = await planSetup(machine, { superuser: undefined, keys: 'console' })
    said.push(JSON.stringify(steps))
    between()
    await apply(steps.flatMap(step => step.changes))
  })
  await attempt(async () => {
    const { steps } = planRemoval(machine)
    said.push(JSON.stringify(steps))
    await apply(steps.flatMap(step => step.changes))
  })
  for (const check of ['asterisk-files', 'pbx-recording'] as const)
    said.push((await look(check, { host: { ...machine.host, proc: '/nowhere' } })).said)
  return said.join('\n')
}

const NAMES = [
  'asterisk',
  'ari',
  'http',
  'extensions',
  'consentry-ari',
  'consentry-http',
  'consentry-options',
]
const conf = (text: string, name: string) => `printf '${text}' >${name}.conf`
const FREEPBX = conf('[general]\\nenabled=yes\\n#include ari_additional_custom.conf\\n', 'ari')
const folder = (path: string) => conf(`[directories]\\nastetcdir => ${path}\\n`, 'asterisk')

/** What the user of the PBX plants before root comes. */
const PLANTED: Record<string, string> = {
  ...Object.fromEntries(NAMES.map(name => [`a link in place of ${name}`, `ln -sf ../shadow ${name}.conf`])),
  'a link in place of the entry': 'ln -sf ../shadow consentry-extensions.conf',
  'a link from the root folder': 'ln -sf /etc/shadow extensions.conf',
  'a link that leads above the root': 'ln -sf ../../../../../../etc/shadow ari.conf',
  'a link into a closed folder': 'ln -sf /srv/closed/secret.conf ari.conf',
  'links in a chain': 'ln -s /etc/shadow one; ln -s one two; ln -sf two ari.conf',
  'links in a loop': 'ln -s two one; ln -s one two; ln -sf two ari.conf',
  'a link to a file of another user': 'ln -sf /home/mallory/own.conf extensions.conf',
  'a pipe in place of a file': 'rm extensions.conf; mkfifo extensions.conf',
  'a pipe in place of our file': 'mkfifo consentry-ari.conf',
  'a folder in place of a file': 'mkdir consentry-ari.conf',
  'an included file of root': conf('#include /etc/shadow\\n', 'ari'),
  'an included file in a closed folder': conf('#include /srv/closed/secret.conf\\n', 'ari'),
  'an included pattern': conf('#tryinclude /etc/secret.d/*.conf\\n', 'ari'),
  'an included path with dots': conf('#include ../secret.d/x.conf\\n', 'ari'),
  'an include behind an own file': `${conf('#include own.conf\\n', 'ari')}; ${conf('#include /srv/closed/secret.conf\\n', 'own')}`,
  'a closed folder as that of Asterisk': folder('/root'),
  'an open folder of root as that of Asterisk': folder('/etc/ld.so.conf.d'),
  'a folder behind a link': `ln -s /etc/ld.so.conf.d sub; ${folder('/etc/asterisk/sub')}`,
  "a link in place of FreePBX's own lines": `${FREEPBX}; ln -s /etc/ld.so.conf.d/libc.conf ari_additional_custom.conf`,
  "a link in place of FreePBX's exemptions": `${FREEPBX}; touch ari_additional_custom.conf; ln -s /etc/public.conf freepbx_chown.conf`,
  'a link to an open file, in place of the password': 'ln -s /etc/public.conf consentry-ari.conf',
}

/** What this user exchanges after the plan was shown. */
const EXCHANGED: Record<string, string> = {
  'a file by a link': 'ln -sf /etc/ld.so.conf.d/libc.conf extensions.conf',
  'a file by a pipe': 'rm extensions.conf; mkfifo extensions.conf',
  'a file by another one': "echo '[other]' >new; mv new extensions.conf",
  'a new file by a link': 'ln -s /etc/ld.so.conf.d/libc.conf consentry-ari.conf',
  'a new file by a link to nothing': 'ln -s /etc/ld.so.conf.d/new.conf consentry-http.conf',
  'the folder by a link': 'mv sub old; ln -s /etc/ld.so.conf.d sub',
}

if (isRoot) {
  t.test('what the user of the PBX plants lets root read, hand out or change no file of root', async t => {
    for (const [planted, script] of Object.entries(PLANTED)) {
      const { root, machine } = await hostileMachine(t)
      plant(root, script)
      await assertKept(t, planted, { root, machine })
    }
  })

  t.test('a second name of a file of root is neither read nor closed', async t => {
    for (const [of, name] of [
      ['shadow', 'extensions.conf'],
      ['shadow', 'consentry-ari.conf'],
      ['public.conf', 'consentry-ari.conf'],
    ] as const) {
      const { root, machine } = await hostileMachine(t)
      plant(root, `rm -f ${name}`)
      // As a kernel without fs.protected_hardlinks lets every user do.
      linkSync(join(root, 'etc', of), join(root, 'etc/asterisk', name))
      t.match(await assertKept(t, `${of} as ${name}`, { root, machine }), /closed to asterisk|second name/)
    }
  })

  t.test('what is exchanged between plan and change is not written', async t => {
    for (const [exchanged, script] of Object.entries(EXCHANGED)) {
      const { root, machine } = await hostileMachine(t)
      if (exchanged === 'the folder by a link')
        plant(root, `mkdir sub; cp a*.conf h*.conf e*.conf sub; ${folder('/etc/asterisk/sub')}`)
      const said = await assertKept(t, exchanged, { root, machine }, () => plant(root, script))
      t.match(said, /root leaves it alone\. \w.*\./, `${exchanged}: it says what to do`)
    }
  })

  t.test('a file that is exchanged all the time hands out nothing', async t => {
    const { root, machine } = await hostileMachine(t)
    const loop =
      'while :; do ln -sf ../shadow new; mv -T new ari.conf; echo "[a]" >new; mv -T new ari.conf; done'
    const [program = '', ...words] = [...asUser(PBX), 'sh', '-c', loop]
    const attacker = spawn(program, words, { cwd: join(root, 'etc/asterisk'), stdio: 'ignore' })
    t.teardown(() => attacker.kill('SIGKILL'))
    const before = outside(root)
    for (let round = 0; round < 100; round++) {
      const said = await setUp(machine)
      if (said.includes(SECRET)) return t.fail(`round ${round} shows it`)
    }
    attacker.kill('SIGKILL')
    await once(attacker, 'exit')
    t.strictSame(outside(root), before)
  })

  t.test('links among own files, and open files of root, are read as Asterisk reads them', async t => {
    const { root, machine } = await hostileMachine(t)
    // FreePBX links its files into the folder.
    plant(
      root,
      `mkdir www; mv extensions.conf www; ln -s www/extensions.conf .; ${conf('[general]\\n#include /etc/public.conf\\n', 'http')}`,
    )
    plant(
      root,
      `printf '#include extensions_custom.conf\\n' >www/extensions.conf; touch extensions_custom.conf`,
    )
    const before = outside(root)
    const steps = await planSetup(machine, { superuser: undefined, keys: 'console' })
    for (const change of steps.flatMap(step => step.changes))
      await applyChange({ machine, superuser: undefined, drawKeys: async () => ({ keys: [] }) }, change)
    t.strictSame(outside(root), before)
    const custom = statSync(join(root, 'etc/asterisk/extensions_custom.conf'))
    t.match(
      { ...custom, size: custom.size > 20 },
      { uid: PBX.uid, gid: PBX.gid, size: true },
      'its owner stays',
    )
    const own = statSync(join(root, 'etc/asterisk/consentry-ari.conf'))
    t.strictSame([own.uid, own.gid, own.mode & 0o777], [PBX.uid, PBX.gid, 0o640])
  })

  t.test(
    'a process that another user calls asterisk is not taken for one, and nothing of it is run',
    async t => {
      const { root, machine } = await hostileMachine(t)
      const { dir, start } = await processes(t)
      const named = join(dir, 'open', 'asterisk')
      const ran = join(dir, 'ran')
      writeFileSync(named, `#!/bin/sh\nid -u >>${ran}\n`, { mode: 0o755 })
      const pids = {
        renamed: await start(STRANGER, 'bash', '-c', `exec -a ${named} sleep 60`),
        renamedOfPbx: await start(PBX, 'bash', '-c', `exec -a ${named} sleep 60`),
        ofStranger: await start(STRANGER, join(dir, 'closed', 'asterisk'), '60'),
        ownFile: await start(PBX, join(dir, 'own', 'asterisk'), '60'),
        inOpenFolder: await start(PBX, join(dir, 'open', 'sub', 'asterisk'), '60'),
        real: await start(PBX, join(dir, 'closed', 'asterisk'), '60'),
      }
      const found = allAsterisks({ ...THIS_HOST, root: machine.host.root }).map(({ pid }) => pid)
      t.strictSame(
        Object.entries(pids).flatMap(([name, pid]) => (found.includes(pid) ? [name] : [])),
        ['real'],
      )
      for (const words of [
        ['setup', '--dry-run', '--yes', '--database', 'embedded'],
        ['check', '--only', 'gosub', '--only', 'asterisk', '--only', 'pbx-recording'],
      ])
        await consentry({ ARI_URL: 'http://127.0.0.1:8088', ARI_USERNAME: 'a', ARI_PASSWORD: 'b' }, ...words)
      t.notOk(existsSync(ran), 'root has not run it')
      t.ok(root)
    },
  )

  t.test('root connects to no socket of root that the console of the PBX leads to', async t => {
    const { root } = await hostileMachine(t)
    mkdirSync(join(root, 'run/asterisk'), { recursive: true })
    chownSync(join(root, 'run/asterisk'), PBX.uid, PBX.gid)
    let connected = 0
    const listenAt = async (path: string, mode: number) => {
      const server = createServer(client => {
        connected++
        client.write('machine/1/22.0\n')
        client.once('data', () => client.end('answer\n'))
      })
      t.teardown(() => server.close())
      await once(server.listen(path), 'listening')
      chmodSync(path, mode)
    }
    await listenAt(join(root, 'run/docker.sock'), 0o660)
    await listenAt(join(root, 'run/asterisk/asterisk.ctl'), 0o660)
    chownSync(join(root, 'run/asterisk/asterisk.ctl'), PBX.uid, PBX.gid)
    const asterisk = { console: '/run/asterisk/asterisk.ctl', ...PBX, groups: [PBX.gid] }
    t.equal(await askConsole({ root }, asterisk, 'core show version'), 'answer\n')
    plant(root, `ln -sf /run/docker.sock ${join(root, 'run/asterisk/asterisk.ctl')}`)
    t.equal(await askConsole({ root }, asterisk, 'core show version'), undefined)
    plant(root, `ln -sf /etc/shadow ${join(root, 'run/asterisk/asterisk.ctl')}`)
    t.equal(await askConsole({ root }, asterisk, 'core show version'), undefined)
    t.equal(connected, 1)
  })
}

t.test('the plan is refused nothing where nobody else owns anything', async t => {
  const root = await scratch(t)
  mkdirSync(join(root, 'etc/asterisk'), { recursive: true })
  writeFileSync(join(root, 'etc/asterisk/asterisk.conf'), '')
  const machine = {
    host: { ...THIS_HOST, root },
    asteriskConfig: '/etc/asterisk/asterisk.conf',
    isLive: false,
  }
  t.notMatch(await setUp(machine), /leaves it alone/)
})

/** Asserts that nothing of root is read, handed out or changed. @returns what was said */
async function assertKept(
  t: Test,
  what: string,
  { root, machine }: { root: string; machine: Machine },
  between?: () => void,
): Promise<string> {
  const before = outside(root)
  const said = await setUp(machine, between)
  t.notMatch(said, new RegExp(SECRET), `${what}: it is not shown`)
  t.strictSame(leaked(root), [], `${what}: it is in no file of others`)
  t.strictSame(outside(root), before, `${what}: nothing of root has changed`)
  return said
}

/** Programs called asterisk: of root in a closed and an open folder, and of the PBX's user. They sleep. */
async function processes(t: Test) {
  const dir = await scratch(t)
  chmodSync(dir, 0o755)
  for (const name of ['closed', 'own', 'open', 'open/sub']) {
    mkdirSync(join(dir, name))
    copyFileSync('/bin/sleep', join(dir, name, 'asterisk'))
    chmodSync(join(dir, name, 'asterisk'), 0o755)
  }
  for (const path of ['own', 'own/asterisk']) chownSync(join(dir, path), PBX.uid, PBX.gid)
  chmodSync(join(dir, 'open'), 0o777)
  const started: ChildProcess[] = []
  t.teardown(() => started.forEach(one => void one.kill('SIGKILL')))
  const start = async (user: { uid: number; gid: number }, ...command: string[]): Promise<number> => {
    const [program = '', ...words] = [...asUser(user), ...command]
    const child = spawn(program, words, { stdio: 'ignore' })
    started.push(child)
    await once(child, 'spawn')
    // Each step of the start replaces the program of the process.
    await pause(300)
    return child.pid!
  }
  return { dir, start }
}
