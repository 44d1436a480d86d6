import { spawnSync } from 'node:child_process'
import { mayUseRealTime } from '../../../lab/process/start-process.js'

/** Options of `chrt`: all threads of a process, but not its children, get the priority of a real-time PBX. */
const REAL_TIME = ['--all-tasks', '--reset-on-fork', '--rr', '--pid', '10']

/**
 * Gives this process, and so the phones in it, real-time priority. A late phone would distort a measurement.
 *
 * @returns false if the user may not; then only a quiet machine gives good measurements
 */
export const useRealTimePriority = (): boolean =>
  mayUseRealTime() && spawnSync('chrt', [...REAL_TIME, String(process.pid)]).status === 0
