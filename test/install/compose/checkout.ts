import { cp, mkdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { projectRoot } from '../../../src/lib/process/project.js'
import { run } from './run.js'

/** Copies the files that git knows, as they are now, into a folder: a checkout in which a person runs the commands of the page. */
export async function makeCheckout(folder: string): Promise<void> {
  const root = projectRoot()
  const list = await run(['git', 'ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
  })
  for (const path of list.split('\0').filter(path => path !== '')) {
    await mkdir(join(folder, dirname(path)), { recursive: true })
    await cp(join(root, path), join(folder, path), { dereference: false }).catch(
      (error: NodeJS.ErrnoException) => {
        // A file that was removed and not committed yet.
        if (error.code !== 'ENOENT') throw error
      },
    )
  }
}

const SECRETS = '/etc/consentry/secrets'

/** @returns a secret that the page's first step has drawn */
export const secret = async (name: string): Promise<string> =>
  (await readFile(join(SECRETS, name), 'utf8')).trim()
