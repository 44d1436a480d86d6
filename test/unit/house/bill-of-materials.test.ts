// Real: the script that lists the packages, the lockfile. Fake: none.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { projectRoot } from '../../../src/process/project.js'

const root = projectRoot()
const json = (path: string) => JSON.parse(readFileSync(join(root, path), 'utf8'))

/** A package, as the lockfile has it. */
interface Locked {
  version: string
  dev?: boolean
  integrity?: string
}

/** A package, as the bill has it. */
interface Component {
  'bom-ref': string
  version: string
  purl: string
  scope: string
  hashes?: { alg: string; content: string }[]
}

t.test('the bill of materials has each package of the lockfile once, with version and hash', async t => {
  execFileSync(process.execPath, [join(root, 'bin', 'bill-of-materials.js')])
  const bill = json('dist/bill-of-materials.json') as { specVersion: string; components: Component[] }
  t.match(bill, {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    metadata: { component: { name: 'consentry' } },
  })
  const locked = json('package-lock.json').packages as Record<string, Locked>
  delete locked['']
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
