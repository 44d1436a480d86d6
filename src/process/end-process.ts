/** How long file operations that are under way may take to end, ms. Usually they take some 20 ms, on a busy disk five syncs of 100 ms. */
const FILES_TIMEOUT = 1_500
/** How often they are looked at, ms. */
const POLL_INTERVAL = 10

let ending = false

/**
 * Ends this process once its file operations have ended, at once if there are none. `process.exit` waits for the thread of a file
 * operation that hangs, so the process kills itself if they take too long. Until then it goes on. Calls after the first change nothing.
 *
 * @param code exit code, unless it is killed
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
