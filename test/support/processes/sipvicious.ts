import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { LOOPBACK, labPort } from '../../../lab/ports.js'
import { python } from './python.js'

/** Longest time for a scan, ms. */
const LIMIT_MS = 60_000

/** Its programs: they search for devices, for extensions, and for passwords. */
type Program = 'svmap' | 'svwar' | 'svcrack'

/** SIPVicious, the common scanner for PBXs, aimed at one port of this machine. */
export async function sipvicious(port: number, home: string) {
  const { tree, program: interpreter, env: own } = await python()
  const env = { HOME: home, ...own }
  /** @returns its output */
  return async (program: Program, ...args: string[]): Promise<string> => {
    // The Contact of svwar names no port, so the PBX sends BYE to port 5060. A scan there takes that for a response.
    const from = await labPort('udp')
    const { stdout, stderr } = await promisify(execFile)(
      interpreter,
      [join(tree, 'usr/bin', program), '-b', LOOPBACK, '-P', `${from}`, '-p', `${port}`, ...args, LOOPBACK],
      { env, timeout: LIMIT_MS },
    )
    return `${stdout}${stderr}`
  }
}
