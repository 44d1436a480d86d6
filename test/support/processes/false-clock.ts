import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { prepareTools } from '../../../lab/tools/prepare-tools.js'

/** A wall clock that a process sees in place of the machine's; its monotonic clock is the machine's. */
export interface FalseClock {
  /** What to add to the environment of the process. */
  env: Record<string, string>
  /** Moves the clock, as libfaketime has it: `+400d`; `+0` is the machine's time. */
  move(by: string): Promise<void>
}

/**
 * Makes a false clock that shows the machine's time until it is moved.
 *
 * @param file where it is kept how far the clock is moved
 * @param cacheS how long a process goes by what it read there, s; 0: it looks each time
 */
export async function falseClock(file: string, cacheS = 0): Promise<FalseClock> {
  const { faketime } = await prepareTools(['faketime'])
  const move = (by: string) => writeFile(file, by)
  await move('+0')
  return {
    move,
    env: {
      LD_PRELOAD: join(faketime, 'usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1'),
      FAKETIME_TIMESTAMP_FILE: file,
      ...(cacheS === 0 ? { FAKETIME_NO_CACHE: '1' } : { FAKETIME_CACHE_DURATION: String(cacheS) }),
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      FAKETIME_DONT_RESET: '1',
    },
  }
}
