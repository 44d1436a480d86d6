// Real: the check of the modules. Fake: the PBX and the lines.
import t from 'tap'
import type { PbxExamination } from '../../../../src/core/pbx-facts.js'
import type { LinePolicy } from '../../../../src/core/policy.js'
import { assertFound, assertSound, type Looked, look } from '../../../support/check/planted.js'

/** A PBX with some modules, and a line of a mode; without one, the lines cannot be read. */
const site = (names: readonly string[], mode?: LinePolicy['mode']): Looked => ({
  parts: {
    pbx: async () => ({ modules: names.map(name => `${name}.so`) }) as unknown as PbxExamination,
    async lines() {
      if (!mode) throw new Error('no database')
      return [{ mode } as LinePolicy]
    },
  },
})

t.test('what sends what callers say is needed only by a line in force that is answered by voice', async t => {
  const none = await look('modules', site([], 'key'))
  const needed = none.faults.map(({ found }) => / module (\w+) /.exec(found.en)![1]!)
  t.ok(needed.includes('app_mixmonitor'))
  await assertSound(t, 'modules', site(needed, 'key'))
  await assertSound(t, 'modules', site(needed))
  await assertFound(t, 'no chan_rtp', {
    ...{ check: 'modules' as const, ...site(needed, 'voice-or-key') },
    ...{ setting: /^modules\.conf$/, found: /chan_rtp/, remedy: /module load chan_rtp\.so/ },
  })
  await assertSound(t, 'modules', site([...needed, 'chan_rtp'], 'voice-or-key'))
})
