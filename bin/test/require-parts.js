import { spawnSync } from 'node:child_process'

/**
 * Ends this process as failed unless it runs as root and has the programs that a test of whole machines needs.
 *
 * @param {string} test what cannot run otherwise, such as `the test of containers`
 * @param {Readonly<Record<string, string>>} needed Debian's packages, and a program of each
 */
export function requireParts(test, needed) {
  const missing = Object.entries(needed).filter(([, program]) => !isInstalled(program))
  const faults = [
    ...(process.getuid?.() === 0 ? [] : ['run it as root']),
    ...(missing.length > 0 ? [`apt-get install ${missing.map(([name]) => name).join(' ')}`] : []),
  ]
  if (faults.length === 0) return
  process.stderr.write(`consentry: ${test} cannot run here: ${faults.join('; ')}\n`)
  process.stdout.write('\n0 passed, 1 failed\n')
  process.exit(1)
}

/** Whether a program is on the PATH, or among the plugins of the Docker CLI. */
function isInstalled(program) {
  const places = `$PATH:/usr/libexec/docker/cli-plugins`
  return spawnSync('sh', ['-c', `PATH="${places}" command -v "$0"`, program]).status === 0
}
