// Writes the bill of materials: every package that the program is installed with, in CycloneDX 1.6 (ECMA-424), as JSON.
// It is made of the lockfile, because Debian's npm has no `npm sbom`. `npm run build` calls it.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const { name, version, packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))

/** The address of a package (purl). The @ of a scope is written as %40. */
const addressOf = (packageName, packageVersion) =>
  `pkg:npm/${packageName.replace('@', '%40')}@${packageVersion}`

/** A package of the lockfile as a component. `excluded`: it is needed to build and test alone. */
function componentOf([path, { version, dev, optional, license, integrity, resolved }]) {
  const [fullName] = path.split('node_modules/').slice(-1)
  const [group, short] = fullName.startsWith('@') ? fullName.split('/') : [undefined, fullName]
  const [algorithm, digest] = integrity?.split(/-(.*)/) ?? []
  return {
    type: 'library',
    'bom-ref': path,
    ...(group && { group }),
    name: short,
    version,
    purl: addressOf(fullName, version),
    scope: dev ? 'excluded' : optional ? 'optional' : 'required',
    ...(license && { licenses: [{ expression: license }] }),
    ...(algorithm === 'sha512' && {
      hashes: [{ alg: 'SHA-512', content: Buffer.from(digest, 'base64').toString('hex') }],
    }),
    ...(resolved && { externalReferences: [{ type: 'distribution', url: resolved }] }),
  }
}

const bill = {
  bomFormat: 'CycloneDX',
  specVersion: '1.6',
  version: 1,
  metadata: {
    component: { type: 'application', 'bom-ref': name, name, version, purl: addressOf(name, version) },
  },
  components: Object.entries(packages)
    .filter(([path]) => path !== '')
    .map(componentOf),
}
mkdirSync(join(root, 'dist'), { recursive: true })
writeFileSync(join(root, 'dist', 'bill-of-materials.json'), `${JSON.stringify(bill, undefined, 2)}\n`)
