/**
 * Whether a process runs, whoever owns it.
 *
 * @param pid process id, above 0
 */
export function processLives(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // A process of another user refuses the signal (EPERM), but it runs.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}
