import { readFile } from 'node:fs/promises'

/** Enough for 2,000 recorded calls at 26 descriptors each. */
const WANTED = 65_536

/** @returns how many files Asterisk may open: the number that it needs, or the limit of this user */
export async function maxFiles(): Promise<number> {
  const limits = await readFile('/proc/self/limits', 'utf8')
  const hard = Number(/^Max open files\s+\d+\s+(\d+)/m.exec(limits)?.[1] ?? WANTED)
  return Math.min(WANTED, hard)
}
