import { mkdirSync, rmdirSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'

/** Where control groups (version 1) limit processor time. */
const GROUPS = '/sys/fs/cgroup/cpu'
/** Period of the quota, µs: short, so that the processors are slow, and do not stand still for a packet's time. */
const PERIOD_US = 10_000

/**
 * From now on this process, and all that it starts, get half of the processors' time: a quota of the kernel. No process has real-time priority
 * then, because the quota would not hold for it.
 *
 * @returns the way back
 * @throws Error if this is not root, or the machine has no such groups
 */
export function halveProcessors(): () => void {
  const group = join(GROUPS, `consentry-bench-${process.pid}`)
  try {
    mkdirSync(group)
    writeFileSync(join(group, 'cpu.cfs_period_us'), String(PERIOD_US))
    writeFileSync(join(group, 'cpu.cfs_quota_us'), String((PERIOD_US * availableParallelism()) / 2))
    writeFileSync(join(group, 'cgroup.procs'), String(process.pid))
  } catch (cause) {
    throw new Error(`--half needs root, and control groups of version 1 at ${GROUPS}`, { cause })
  }
  return () => {
    writeFileSync(join(GROUPS, 'cgroup.procs'), String(process.pid))
    rmdirSync(group)
  }
}
