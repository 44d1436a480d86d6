/**
 * Ends this process now. A file operation that hangs keeps `process.exit` waiting for its thread, for as long as the disk hangs;
 * then the process is killed.
 *
 * @param code exit code, unless it is killed
 */
export function endProcess(code: number): void {
  const hangs = process.getActiveResourcesInfo().some(name => name.startsWith('FSReq'))
  if (hangs) process.kill(process.pid, 'SIGKILL')
  process.exit(code)
}
