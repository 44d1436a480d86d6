// Real: consentry.conf. Fake: none.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import t from 'tap'
import { dialplanFile, dialplanVersion, versionIn } from '../../../src/asterisk/dialplan-version.js'

t.test('consentry.conf states the hash of all its other lines', async t => {
  const text = readFileSync(dialplanFile(), 'utf8')
  const own = dialplanVersion()
  const rest = text
    .split('\n')
    .filter(line => line !== `exten => ${own},1,Return()`)
    .join('\n')
  t.equal(
    own,
    createHash('sha256').update(rest).digest('hex').slice(0, 12),
    'write this into [consentry-version]',
  )
  t.equal(versionIn('[consentry]\nexten => s,1,NoOp()\n'), undefined, 'an older file has none')
})
