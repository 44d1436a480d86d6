import { execFile } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { promisify } from 'node:util'
import { AGENT_LIMIT_MS } from '../../lab/fault-lab.js'
import type { FaultSite } from '../fault-site.js'
import type { Fault } from './fault.js'

const run = promisify(execFile)

type Limit = 'nofile' | 'fsize'

/** Sets a resource limit of a running process. @returns restores it */
async function setLimit(pid: number, limit: Limit, to: number): Promise<() => Promise<void>> {
  const asked = await run('prlimit', ['--pid', `${pid}`, `--${limit}`, '--raw', '--noheadings', '-o', 'SOFT'])
  const before = asked.stdout.trim()
  await run('prlimit', ['--pid', `${pid}`, `--${limit}=${to}:`])
  return async () => {
    // The process may have ended.
    await run('prlimit', ['--pid', `${pid}`, `--${limit}=${before}:`]).catch(() => {})
  }
}

/** Descriptors that are left: enough to look healthy, too few for a call. */
const LEFT_DESCRIPTORS = 2

/** Leaves a process almost no descriptors. */
const exhaustDescriptors =
  (of: (site: FaultSite) => Promise<number | undefined>) => async (site: FaultSite) => {
    const pid = await of(site)
    const fds = pid && (await readdir(`/proc/${pid}/fd`).catch(() => undefined))
    const free = fds ? await setLimit(pid, 'nofile', fds.length + LEFT_DESCRIPTORS) : async () => {}
    return async () => {
      await free()
      await site.waitUntilWorking()
    }
  }

/** Lets no file of the service grow, so that every write fails, as on a full disk. */
async function fillDisk(site: FaultSite) {
  const { pid } = site.lab.service
  const free = pid ? await setLimit(pid, 'fsize', 0).catch(() => async () => {}) : async () => {}
  return async () => {
    await free()
    await site.waitUntilWorking()
  }
}

/** Faults of what the operating system grants. */
export const limitFaults: Fault[] = [
  {
    name: 'service out of descriptors',
    target: 'service',
    lasts: [300, 3_000],
    weight: 3,
    cuts: true,
    strike: exhaustDescriptors(async ({ lab }) => lab.service.pid),
  },
  {
    name: 'keeper out of descriptors',
    target: 'keeper',
    lasts: [300, 3_000],
    weight: 2,
    silentMs: AGENT_LIMIT_MS,
    strike: exhaustDescriptors(async site => (await site.keepers())[0]),
  },
  {
    name: 'disk full',
    target: 'service',
    lasts: [300, 3_000],
    weight: 3,
    cuts: true,
    silentMs: AGENT_LIMIT_MS,
    strike: fillDisk,
  },
]
