/**
 * Whether a process runs, whoever owns it.
 *
 * @param pid process id, above 0
 */
export function processRuns(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // The signal to another user's process is refused, so that process runs.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
