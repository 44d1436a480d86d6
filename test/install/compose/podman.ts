import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { pollUntil } from '../../../lab/process/start-process.js'
import { environment, run } from './run.js'

/** Interval of the health checks, ms. */
const HEALTH_MS = 4_000

/** Sockets of the Docker API: of the machine under test, and of one that reaches the network, for builds. */
export const MACHINE = 'unix:///run/podman.sock'
export const BUILDER = 'unix:///run/builder.sock'

/** Longest time until a socket is there, ms. */
const START_LIMIT_MS = 30_000

const CONFIGURATION = `[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
init_path = "/usr/bin/catatonit"

[containers]
# Whatever this machine may give.
default_ulimits = ["nofile=20000:20000", "nproc=32000:32000"]
`

/**
 * Starts Podman with the API of Docker, once for the machine under test, which has no network, and once for builds. Images are kept in
 * the cache; containers and volumes of an earlier run are removed.
 *
 * @param cache folder of the images
 * @returns a function that removes all containers and volumes and ends both
 */
export async function startPodman(cache: string): Promise<() => Promise<void>> {
  await mkdir(cache, { recursive: true })
  await writeFile('/run/containers.conf', CONFIGURATION)
  await writeFile(
    '/run/storage.conf',
    `[storage]\ndriver = "overlay"\ngraphroot = "${cache}/storage"\nrunroot = "/run/containers-storage"\n`,
  )
  await mkdir('/etc/containers', { recursive: true })
  await writeFile('/etc/containers/policy.json', '{"default":[{"type":"insecureAcceptAnything"}]}')
  await removeLeftovers()
  const service = ['podman', 'system', 'service', '--time=0']
  const started = [
    start([...service, MACHINE]),
    start(['nsenter', '--net=/run/outer-net', ...service, BUILDER]),
  ]
  const checks = setInterval(() => void checkHealth(), HEALTH_MS)
  const there = async () => [MACHINE, BUILDER].every(url => existsSync(url.replace('unix://', '')))
  if (!(await pollUntil(there, START_LIMIT_MS))) throw new Error('podman does not offer its API')
  return async () => {
    clearInterval(checks)
    await removeLeftovers()
    for (const child of started) child.kill()
  }
}

let checking = false

/** Runs the health checks of all containers. Podman leaves that to timers of systemd, which this machine does not have. */
async function checkHealth(): Promise<void> {
  if (checking) return
  checking = true
  const ids = (await run(['podman', 'ps', '--quiet']).catch(() => '')).trim().split('\n')
  for (const id of ids.filter(id => id !== ''))
    await run(['podman', 'healthcheck', 'run', id]).catch(() => {})
  checking = false
}

async function removeLeftovers(): Promise<void> {
  await run(['podman', 'rm', '--all', '--force', '--time=1'])
  await run(['podman', 'volume', 'rm', '--all', '--force'])
}

function start([program, ...args]: string[]): ChildProcess {
  return spawn(program!, args, { env: environment, stdio: ['ignore', 'ignore', 'inherit'] })
}
