import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import type { Test } from 'tap'
import type { HostPaths } from '../../../src/lib/host/processes.js'

/** A process as the kernel would show it. */
export interface FakeProcess {
  args?: string[]
  /** Its program; by default a file of root with the name of the first argument. */
  exe?: string
  /** Its control group. */
  cgroup?: string
  /** What its console answers to everything; absent: it has none. */
  says?: string
  uid?: number
  gid?: number
  groups?: number[]
  /** Whether it has all capabilities, as root has. */
  capable?: boolean
  /** Scheduling policy (sched(7)): 0 is the usual one, 2 SCHED_RR. */
  policy?: number
  core?: string
  files?: string
}

/** What a fake machine has. */
export interface FakeMachine {
  processes?: Record<number, FakeProcess>
  /** Files of the kernel, such as `swaps`. */
  kernel?: Record<string, string>
  /** Files of the system, such as `etc/passwd`. */
  files?: Record<string, string>
}

/** A machine without swap, whose kernel writes core files by itself. */
export const SOUND_KERNEL = {
  swaps: 'Filename\tType\tSize\tUsed\tPriority\n',
  'sys/kernel/core_pattern': 'core\n',
}

/** The process of an Asterisk with which nothing is wrong. */
export const SOUND_ASTERISK: FakeProcess = {
  ...{ args: ['/usr/sbin/asterisk', '-f', '-U', 'asterisk'], uid: 107, gid: 112, groups: [112], policy: 2 },
  ...{ core: '0', files: '65536' },
}

/** Makes the folders of a machine. */
export function fakeHost(t: Test, { processes = {}, kernel = {}, files = {} }: FakeMachine): HostPaths {
  const base = mkdtempSync(join(tmpdir(), 'consentry-host-'))
  t.teardown(() => rmSync(base, { recursive: true, force: true }))
  const [proc, kernelDir, cgroups, root] = ['proc', 'kernel', 'cgroups', 'root'].map(name =>
    join(base, name),
  ) as [string, string, string, string]
  for (const folder of [proc, kernelDir, cgroups, root]) mkdirSync(folder)
  for (const [pid, one] of Object.entries(processes)) {
    writeAll(join(proc, pid), filesOf(Number(pid), one))
    const program = join(base, 'programs', basename(one.args?.[0] ?? 'none'))
    writeAll(dirname(program), { [basename(program)]: '' })
    symlinkSync(one.exe ?? program, join(proc, pid, 'exe'))
    if (one.says !== undefined) openConsole(t, { folder: join(proc, pid), root, says: one.says })
  }
  writeAll(kernelDir, { ...SOUND_KERNEL, ...kernel })
  writeAll(root, files)
  return { proc, kernel: kernelDir, cgroups, root }
}

function filesOf(pid: number, one: FakeProcess): Record<string, string> {
  const { args = [], uid = 0, gid = 0, groups = [gid], capable, policy = 0, core = '0', files = '1024' } = one
  const fields = Array.from({ length: 50 }, (_, i) => (i === 38 ? String(policy) : '0'))
  return {
    cmdline: args.map(word => `${word}\0`).join(''),
    stat: `${pid} (a (b) c) ${fields.join(' ')}\n`,
    status: [
      `Uid:\t${uid}\t${uid}\t${uid}\t${uid}`,
      `Gid:\t${gid}\t${gid}\t${gid}\t${gid}`,
      `Groups:\t${groups.join(' ')} `,
      `CapEff:\t${capable ? '000001ffffffffff' : '0000000000000000'}`,
    ].join('\n'),
    limits: [
      'Limit                     Soft Limit           Hard Limit           Units     ',
      `Max core file size        ${core.padEnd(20)} unlimited            bytes     `,
      `Max open files            ${files.padEnd(20)} 1048576              files     `,
    ].join('\n'),
    cgroup: one.cgroup ?? '0::/system.slice/asterisk.service\n',
  }
}

function writeAll(folder: string, files: Record<string, string>): void {
  mkdirSync(folder, { recursive: true })
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), content)
  }
}

/** A socket at which a process listens, and answers as Asterisk's console does. */
function openConsole(t: Test, { folder, root, says }: { folder: string; root: string; says: string }): void {
  const path = '/run/asterisk/asterisk.ctl'
  writeAll(folder, { 'net/unix': `f: 00000002 00000000 00010000 0001 01 77 ${path}\n` })
  mkdirSync(join(folder, 'fd'))
  symlinkSync('socket:[77]', join(folder, 'fd', '5'))
  mkdirSync(dirname(join(root, path)), { recursive: true })
  const server = createServer(client => {
    client.write('machine/1/22.0\n')
    client.once('data', () => client.end(says))
  })
  t.teardown(() => server.close())
  server.listen(join(root, path))
  chmodSync(join(root, path), 0o666)
}
