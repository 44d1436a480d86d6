/*
 * Reads facts of this machine: processes, accounts, modes of files, and Asterisk's configuration files. It changes
 * nothing.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The places of the kernel's and the system's files. A test gives folders of its own. */
export interface HostPaths {
  /** Files of processes. */
  proc: string
  /** Files of the whole machine, as below `/proc`: `swaps`, `sys/kernel/core_pattern`. */
  kernel: string
  /** Limits of control groups. */
  cgroups: string
  /** Prefix of each path of the system, such as `/etc/passwd`. */
  root: string
}

export const THIS_HOST: HostPaths = { proc: '/proc', kernel: '/proc', cgroups: '/sys/fs/cgroup', root: '/' }

/** A process as the kernel shows it to every user. */
export interface HostProcess {
  pid: number
  args: readonly string[]
  uid: number
  gid: number
  /** All its groups, including the primary one. */
  groups: readonly number[]
  /** True if modes do not restrict it (CAP_DAC_OVERRIDE, capabilities(7)). */
  ignoresModes: boolean
  /** True if it has real-time priority (sched(7): SCHED_FIFO or SCHED_RR). */
  realTime: boolean
  /** True if the soft limit lets the kernel write its memory into a core file. */
  dumpsCore: boolean
  /** Limit of open files. */
  fileLimit: number
  /** Its start, ticks of a hundredth of a second since the machine started (proc_pid_stat(5), field 22). */
  startTicks: number
}

const CAP_DAC_OVERRIDE = 1n
/** Places after the name of the program in proc_pid_stat(5): fields 22 and 41, of which the first after the name is field 3. */
const START_TIME = 22 - 3
const POLICY = 41 - 3
const REAL_TIME_POLICIES = ['1', '2']

/** Reads a text file of the kernel. @returns an empty text if it is absent or closed to this user */
export function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

/** Ids of all processes that this user sees. */
export function processIds({ proc }: Pick<HostPaths, 'proc'>): number[] {
  try {
    return readdirSync(proc).flatMap(name => (/^\d+$/.test(name) ? [Number(name)] : []))
  } catch {
    return []
  }
}

/** The command line of a process. Empty if it has ended. */
export const argumentsOf = ({ proc }: Pick<HostPaths, 'proc'>, pid: number): string[] =>
  readText(join(proc, String(pid), 'cmdline'))
    .split('\0')
    .slice(0, -1)

/** Reads a process. @returns undefined if it has ended */
export function readProcess(host: Pick<HostPaths, 'proc'>, pid: number): HostProcess | undefined {
  const file = (name: string) => readText(join(host.proc, String(pid), name))
  const status = file('status')
  if (status === '') return undefined
  const ids = (name: string) => numbers(new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(status)?.[1])
  const stat = file('stat')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [uid = -1] = ids('Uid').slice(1)
  const [gid = -1] = ids('Gid').slice(1)
  const limits = file('limits')
  return {
    ...{ pid, uid, gid },
    args: argumentsOf(host, pid),
    groups: [...new Set([gid, ...ids('Groups')])],
    ignoresModes: hasCapability(/^CapEff:\s*([0-9a-f]+)/m.exec(status)?.[1], CAP_DAC_OVERRIDE),
    realTime: REAL_TIME_POLICIES.includes(fields[POLICY] ?? ''),
    dumpsCore: softLimit(limits, 'Max core file size') !== 0,
    fileLimit: softLimit(limits, 'Max open files'),
    startTicks: Number(fields[START_TIME] ?? 0),
  }
}

const numbers = (text = ''): number[] => text.split(/\s+/).filter(Boolean).map(Number)

const hasCapability = (hex: string | undefined, capability: bigint): boolean =>
  hex !== undefined && ((BigInt(`0x${hex}`) >> capability) & 1n) === 1n

/** A soft limit of proc_pid_limits(5). Zero if the kernel does not report it. */
function softLimit(limits: string, name: string): number {
  const [, text] = new RegExp(`^${name}\\s+(\\S+)`, 'm').exec(limits) ?? []
  return text === 'unlimited' ? Number.POSITIVE_INFINITY : Number(text ?? 0)
}
