import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { prepareTools } from '../../../lab/tools/prepare-tools.js'

/** A false wall clock for a process. Its monotonic clock is the machine's. */
export interface FalseClock {
  /** Variables for the environment of the process. */
  env: Record<string, string>
  /** Moves the clock by an offset of libfaketime, such as `+400d`. `+0` is the machine's time. */
  move(by: string): Promise<void>
}

/**
 * Makes a false clock. It shows the machine's time until it is moved.
 *
 * @param file holds the offset
 * @param cacheS how long a process uses an offset before it reads the file again, s; 0: reads it each time
 */
export async function falseClock(file: string, cacheS = 0): Promise<FalseClock> {
  const { faketime } = await prepareTools(['faketime'])
  const move = async (by: string) => {
    // Libfaketime ends a process that finds the file empty.
    await writeFile(`${file}.new`, by)
    await rename(`${file}.new`, file)
  }
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
