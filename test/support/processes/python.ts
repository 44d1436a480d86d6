import { join } from 'node:path'
import { prepareTools } from '../../../lab/tools/prepare-tools.js'

/** Debian's Python, with the packages of the tool set. @returns the program, and the environment that it needs */
export async function python() {
  const { python: tree } = await prepareTools(['python'])
  return {
    tree,
    program: join(tree, 'bin/python3.13'),
    env: { PYTHONHOME: join(tree, 'usr'), PYTHONPATH: join(tree, 'usr/lib/python3/dist-packages') },
  }
}
