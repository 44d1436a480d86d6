// Real: the script that lists the packages, the lockfile. Fake: none.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { projectRoot } from '../../../src/lib/process/project.js'

const root = projectRoot()
const json = (path: string) => JSON.parse(readFileSync(join(root, path), 'utf8'))

/** A package, as the lockfile has it. `name`: its own, if it is installed under another one. */
interface Locked {
  name?: string
  version: string
  dev?: boolean
  integrity?: string
}

/** A package, as the bill has it. */
interface Component {
  'bom-ref': string
  name: string
  version: string
  purl: string
  scope: 'required' | 'optional' | 'excluded'
  licenses?: ({ license: { id: string } } | { expression: string })[]
  hashes?: { alg: string; content: string }[]
}

interface Bill {
  components: Component[]
  dependencies: { ref: string; dependsOn: string[] }[]
}

/** Licences (SPDX) of what runs. Each allows to hand the program on, and asks for no more than the licence's text. */
const ALLOWED = [
  ...[
    'MIT',
    'ISC',
    '0BSD',
    'BSD-2-Clause',
    'BSD-3-Clause',
    'BlueOak-1.0.0',
    'Apache-2.0',
    '(MIT OR CC0-1.0)',
  ],
  // Of a typeface, which may not be sold by itself.
  'OFL-1.1',
]
/** Further licences of what only builds and tests, and is not handed on. */
const ALLOWED_TO_BUILD = ['MPL-2.0', 'CC0-1.0', 'CC-BY-3.0', 'MIT OR Apache-2.0', '(WTFPL OR MIT)']
/** Packages for builds and tests that name their licence only in their text: MIT. */
const LICENSED_IN_TEXT = ['jsonc-simple-parser']

execFileSync(process.execPath, [join(root, 'bin', 'bill-of-materials.js')])
const bill = json('dist/bill-of-materials.json') as Bill
const locked = json('package-lock.json').packages as Record<string, Locked>
delete locked['']

const licenceOf = ({ licenses: [first] = [] }: Component): string | undefined =>
  first && ('license' in first ? first.license.id : first.expression)

t.test('the bill of materials has each package of the lockfile once, with version and hash', async t => {
  t.match(bill, {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    metadata: { component: { name: 'consentry', licenses: [{ license: { id: 'Apache-2.0' } }] } },
  })
  t.strictSame(bill.components.map(one => one['bom-ref']).sort(), Object.keys(locked).sort())
  for (const component of bill.components) {
    const { version, dev, integrity } = locked[component['bom-ref']]!
    const [hash] = component.hashes ?? []
    const sri = hash && `sha512-${Buffer.from(hash.content, 'hex').toString('base64')}`
    t.strictSame([component.version, sri], [version, integrity], component['bom-ref'])
    t.equal(component.scope === 'excluded', dev === true)
  }
  const argon2 = bill.components.find(one => one['bom-ref'] === 'node_modules/@node-rs/argon2')
  t.match(argon2, { scope: 'required', purl: /^pkg:npm\/%40node-rs\/argon2@\d+\.\d+/ })
})

t.test('a package that is installed under the name of another one has its own name in the bill', async t => {
  const standIns = Object.entries(locked).filter(([, { name }]) => name !== undefined)
  t.ok(standIns.length > 0)
  for (const [path, { name, version }] of standIns) {
    const component = bill.components.find(one => one['bom-ref'] === path)
    t.match(component, { name, purl: `pkg:npm/${name}@${version}` }, path)
  }
})

t.test(
  'the bill says of each package what it depends on, and every package is needed by another',
  async t => {
    const refs = bill.components.map(one => one['bom-ref'])
    t.strictSame(bill.dependencies.map(({ ref }) => ref).sort(), ['consentry', ...refs].sort())
    const needed = new Set(bill.dependencies.flatMap(({ dependsOn }) => dependsOn))
    t.strictSame([...needed].sort(), [...refs].sort())
  },
)

t.test('each package has a licence that is known and allowed', async t => {
  t.strictSame(
    bill.components
      .filter(({ scope }) => scope !== 'excluded')
      .filter(one => !ALLOWED.includes(licenceOf(one) ?? '')),
    [],
    'of what runs',
  )
  t.strictSame(
    bill.components
      .filter(({ scope }) => scope === 'excluded')
      .filter(one => ![...ALLOWED, ...ALLOWED_TO_BUILD].includes(licenceOf(one) ?? ''))
      .map(({ name }) => name),
    LICENSED_IN_TEXT,
    'of what builds and tests',
  )
})
