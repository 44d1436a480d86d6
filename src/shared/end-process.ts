/**
 * Ends this process now. `process.exit` waits for the thread of a file operation that hangs, so the process kills itself
 * while a file operation is under way.
 *
 * @param code exit code, unless it is killed
 */
export function endProcess(code: number): void {
  const hangs = process.getActiveResourcesInfo().some(name => name.startsWith('FSReq'))
  if (hangs) process.kill(process.pid, 'SIGKILL')
  process.exit(code)
}
