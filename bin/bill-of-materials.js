// Writes the bill of materials: every package that the program is installed with, in CycloneDX 1.6 (ECMA-424), as JSON.
// It is made of the lockfile, because Debian's npm has no `npm sbom`. `npm run build` calls it. It has no time in it, so that the same
// sources give the same file.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
const { '': own, ...installed } = packages

/** Names of licences that packages give, and the SPDX identifiers that they mean. */
const SPDX_OF = { 'BSD-0-Clause': '0BSD' }

/** The address of a package (purl). The @ of a scope is written as %40. */
const addressOf = (name, version) => `pkg:npm/${name.replace('@', '%40')}@${version}`

/** The name under which a package is installed: what follows the last `node_modules/` of its path. */
const installedAs = path => path.split('node_modules/').at(-1)

/** The licence of a package as CycloneDX has it. A single licence and an expression have different fields. */
function licencesOf(license) {
  if (!license) return {}
  const spdx = SPDX_OF[license] ?? license
  return { licenses: [/[ (]/.test(spdx) ? { expression: spdx } : { license: { id: spdx } }] }
}

/** Who may install a package: the systems and processors that it is made for, if it is not made for all. */
function platformOf({ os, cpu }) {
  const properties = Object.entries({ os, cpu }).flatMap(([name, values = []]) =>
    values.map(value => ({ name: `consentry:${name}`, value })),
  )
  return properties.length > 0 ? { properties } : {}
}

/**
 * A package of the lockfile as a component. `excluded`: it is needed to build and test alone. A package that stands in for another one
 * (`overrides`) is installed under the other's name. The component has its own.
 */
function componentOf([path, locked]) {
  const { name: fullName = installedAs(path), version, dev, optional, license, integrity } = locked
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
    ...licencesOf(license),
    ...(algorithm === 'sha512' && {
      hashes: [{ alg: 'SHA-512', content: Buffer.from(digest, 'base64').toString('hex') }],
    }),
    ...platformOf(locked),
  }
}

/** Where Node finds a package that the package at `path` loads: in its own folder or in one above. Undefined if it is not installed. */
function find(path, name) {
  const place = join(path, 'node_modules', name)
  if (installed[place] || path === '') return installed[place] && place
  return find(path.slice(0, path.lastIndexOf('node_modules/')).replace(/\/$/, ''), name)
}

/** What a package depends on. Optional packages count if the lockfile has them. */
function dependenciesOf([path, locked]) {
  const { dependencies, optionalDependencies, peerDependencies, devDependencies } = locked
  const all = { ...dependencies, ...optionalDependencies, ...peerDependencies, ...devDependencies }
  const found = Object.keys(all).map(name => find(path, name))
  return { ref: path || own.name, dependsOn: [...new Set(found.filter(Boolean))].sort() }
}

const bill = {
  bomFormat: 'CycloneDX',
  specVersion: '1.6',
  version: 1,
  metadata: {
    component: {
      type: 'application',
      'bom-ref': own.name,
      name: own.name,
      version: own.version,
      purl: addressOf(own.name, own.version),
      ...licencesOf(own.license),
    },
  },
  components: Object.entries(installed).map(componentOf),
  dependencies: Object.entries(packages).map(dependenciesOf),
}
mkdirSync(join(root, 'dist'), { recursive: true })
writeFileSync(join(root, 'dist', 'bill-of-materials.json'), `${JSON.stringify(bill, undefined, 2)}\n`)
