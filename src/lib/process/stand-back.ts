import { setPriority } from 'node:os'

/** Lowers the priority of a process that may have ended already. @param niceness as of `nice`, 0 to 19 */
export function standBack(pid: number, niceness: number): void {
  try {
    setPriority(pid, niceness)
  } catch {
    // The process has ended, which its `exit` event reports.
  }
}
