/**
 * `npm run package`: builds the packages in which Consentry is installed, one for Debian and one for npm. Both hold the compiled program,
 * and neither has a compiler, the lab or a test.
 */
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { groups } from '../../src/cli.js'
import { projectRoot } from '../../src/lib/process/project.js'
import { buildDebianPackage } from './debian-package.js'
import { buildNpmPackage } from './npm-package.js'
import { readRelease } from './release.js'
import { loadVerbs } from './verbs.js'

/** The kinds of packages, by name. */
const BUILDERS = { deb: buildDebianPackage, npm: buildNpmPackage }

/**
 * Builds packages and prints of each its hash, size and path.
 *
 * @param args `--out DIR`: where to, `out` by default. `--revision N`: the count of packages of this version. `--only deb` or `npm`
 */
export async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      out: { type: 'string', default: 'out' },
      revision: { type: 'string', default: '1' },
      only: { type: 'string' },
    },
  })
  if (!/^[1-9]\d*$/.test(values.revision)) throw new Error('--revision takes a number from 1')
  const root = projectRoot()
  const out = resolve(values.out)
  mkdirSync(out, { recursive: true })
  const release = readRelease(root, Number(values.revision))
  const verbs = await loadVerbs(groups)
  for (const [kind, build] of Object.entries(BUILDERS)) {
    if (values.only !== undefined && values.only !== kind) continue
    const work = mkdtempSync(join(tmpdir(), 'consentry-package-'))
    try {
      tell(build({ root, release, verbs, work, out }))
    } finally {
      rmSync(work, { recursive: true, force: true })
    }
  }
  return 0
}

function tell(file: string): void {
  const hash = createHash('sha256').update(readFileSync(file)).digest('hex')
  const megabytes = (statSync(file).size / 1e6).toFixed(1)
  process.stdout.write(`${hash}  ${file} (${megabytes} MB)\n`)
}
