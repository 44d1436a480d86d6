import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from '../../lib/process/project.js'
import type { ArchiveEntry } from './archive.js'

/** Files of the second verifier that only tests use. */
const FOR_TESTS = ['batch.py']

/** The second verifier, with which the recipient of a copy can verify the receipts in it without this program. */
export function verifierEntries(at: Date): ArchiveEntry[] {
  const folder = join(projectRoot(), 'tools', 'verify')
  return readdirSync(folder)
    .filter(name => /\.(py|md)$/.test(name) && !FOR_TESTS.includes(name))
    .sort()
    .map(name => ({ name: `verify/${name}`, at, content: readFileSync(join(folder, name), 'utf8') }))
}
