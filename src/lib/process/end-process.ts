/** How long running file operations may take to end, ms. Usually they take 20 ms, and on a busy disk 500 ms (five syncs). */
const FILES_TIMEOUT = 1_500
/** Time between two checks, ms. */
const POLL_INTERVAL = 10

let ending = false

/**
 * Ends this process when its file operations have ended. `process.exit` would wait for a file operation that hangs, so the
 * process kills itself after 1.5 s. Until then it continues to work. Only the first call has an effect.
 *
 * @param code exit code, unless the process kills itself
 */
export function endProcess(code: number): void {
  if (ending) return
  ending = true
  if (!usesFiles()) process.exit(code)
  const until = performance.now() + FILES_TIMEOUT
  setInterval(() => {
    if (!usesFiles()) process.exit(code)
    if (performance.now() >= until) process.kill(process.pid, 'SIGKILL')
  }, POLL_INTERVAL)
}

const usesFiles = (): boolean => process.getActiveResourcesInfo().some(name => name.startsWith('FSReq'))
