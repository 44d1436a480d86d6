import { spawnSync } from 'node:child_process'
import { chmodSync, chownSync, lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Test } from 'tap'
import { THIS_HOST } from '../../../src/lib/host/processes.js'
import type { Machine } from '../../../src/site/setup/machine.js'
import { scratch } from '../processes/database.js'

/** The user of the PBX and a local user, by ids that no machine has. */
export const PBX = { uid: 64_107, gid: 64_112 }
export const STRANGER = { uid: 64_001, gid: 64_001 }

/** Stands in every file that only root may read. */
export const SECRET = 'SECRET-OF-ROOT'

/** Files of a machine: the PBX's user owns the folder of Asterisk, and root all else. */
const FILES: Record<string, [text: string, mode: number]> = {
  'etc/passwd': [
    `root:x:0:0::/root:/bin/sh\nasterisk:x:${PBX.uid}:${PBX.gid}::/:/bin/false\nmallory:x:${STRANGER.uid}:${STRANGER.gid}::/:/bin/sh\n`,
    0o644,
  ],
  'etc/group': [`root:x:0:\nasterisk:x:${PBX.gid}:\nmallory:x:${STRANGER.gid}:\n`, 0o644],
  'etc/shadow': [`root:${SECRET}:1\n[consentry]\npassword = ${SECRET}\n`, 0o600],
  'etc/public.conf': ['[public]\n', 0o644],
  'etc/secret.d/x.conf': [`[consentry]\ntype = user\npassword = ${SECRET}\n`, 0o640],
  'etc/ld.so.conf.d/libc.conf': ['/usr/local/lib\n', 0o644],
  'srv/closed/secret.conf': [`[consentry]\ntype = user\npassword = ${SECRET}\n`, 0o644],
  'etc/asterisk/asterisk.conf': ['[directories]\nastetcdir => /etc/asterisk\n[options]\n', 0o640],
  'etc/asterisk/ari.conf': ['[general]\nenabled = yes\n', 0o640],
  'etc/asterisk/http.conf': ['[general]\n', 0o640],
  'etc/asterisk/extensions.conf': ['[default]\n', 0o640],
  'home/mallory/own.conf': ['[mallory]\n', 0o644],
}

/** Makes the machine below a folder. */
export async function hostileMachine(t: Test): Promise<{ root: string; machine: Machine }> {
  const root = await scratch(t)
  chmodSync(root, 0o755)
  for (const [path, [text, mode]] of Object.entries(FILES)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
    chmodSync(join(root, path), mode)
    if (path.startsWith('etc/asterisk/')) chownSync(join(root, path), PBX.uid, PBX.gid)
  }
  chmodSync(join(root, 'srv/closed'), 0o700)
  chownSync(join(root, 'etc/asterisk'), PBX.uid, PBX.gid)
  for (const path of ['home/mallory', 'home/mallory/own.conf'])
    chownSync(join(root, path), STRANGER.uid, STRANGER.gid)
  const host = { ...THIS_HOST, root }
  return { root, machine: { host, asteriskConfig: '/etc/asterisk/asterisk.conf', isLive: false } }
}

/** Words before a command that another user runs. */
export const asUser = ({ uid, gid }: { uid: number; gid: number }): string[] => [
  ...['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', '--'],
]

/** Runs a script as the user of the PBX, in the folder of Asterisk. `$R` is the root of the machine. */
export function plant(root: string, script: string, user = PBX): string {
  const [program = '', ...words] = [...asUser(user), 'sh', '-ec', script]
  const { status, stdout, stderr } = spawnSync(program, words, {
    ...{ cwd: join(root, 'etc/asterisk'), env: { ...process.env, R: root }, encoding: 'utf8' },
  })
  if (status !== 0) throw new Error(stderr)
  return stdout
}

/** Everything outside Asterisk's folder, with content, owner and mode, but for the files that setup makes there. */
export function outside(root: string): Record<string, string> {
  const own = /^etc\/(asterisk|consentry|tmpfiles\.d|systemd)(\/|$)/
  return Object.fromEntries(
    readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter(path => !own.test(path))
      .sort()
      .map(path => {
        const stat = lstatSync(join(root, path))
        const text = stat.isFile() ? readFileSync(join(root, path), 'utf8') : ''
        return [path, [stat.uid, stat.gid, stat.mode.toString(8), text].join(' ')]
      }),
  )
}

/** Files in which the user of the PBX, or of the service, could read the secret. */
export function leaked(root: string): string[] {
  const own = plant(root, `grep -rlsI -D skip ${SECRET} . || true`).split('\n')
  const settings = spawnSync('grep', ['-rls', SECRET, join(root, 'etc/consentry')], { encoding: 'utf8' })
  return [...own, ...settings.stdout.split('\n')].filter(line => line !== '')
}
