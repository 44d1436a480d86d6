import { spawnSync } from 'node:child_process'
import { mayUseRealTime } from '../../../lab/process/start-process.js'

/** All threads of a process, but not what it starts, get the priority of a PBX that runs first; see `mayRunFirst`. */
const REAL_TIME = ['--all-tasks', '--reset-on-fork', '--rr', '--pid', '10']

/**
 * Lets this process, and with it the phones in it, run before whatever else wants to: a phone that comes late measures itself.
 *
 * @returns false where the user may not; then only a quiet machine gives good measurements
 */
export const useRealTimePriority = (): boolean =>
  mayUseRealTime() && spawnSync('chrt', [...REAL_TIME, String(process.pid)]).status === 0
