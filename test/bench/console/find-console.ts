import { readdir, readFile } from 'node:fs/promises'
import type { Lab } from '../../../lab/lab.js'

/** The process of a lab's console: the child of the service with this title. @throws Error if there is none */
export async function findConsole({ ready }: Lab): Promise<number> {
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const read = (file: string) => readFile(`/proc/${name}/${file}`, 'utf8').catch(() => '')
    const [status, title] = [await read('status'), await read('cmdline')]
    if (status.includes(`\nPPid:\t${ready.servicePid}\n`) && /consentry.console/.test(title))
      return Number(name)
  }
  throw new Error('the console does not run')
}
