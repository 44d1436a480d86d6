// Real: reading of the calls that passed unasked. Fake: the PBX.
import t from 'tap'
import { readPassedCalls } from '../../../src/asterisk/telephony.js'
import type { AriTransport } from '../../../src/asterisk/transport/ari-transport.js'

/** A PBX with these values of the places, from the first on. */
const pbxWith = (...values: string[]) =>
  ({
    async request(_: string, __: string, { variable }: { variable: string }) {
      const place = Number(/^CONSENTRY_PASSED_mine_(\d+)$/.exec(variable)?.[1])
      return { value: values[place] ?? '' }
    },
  }) as unknown as AriTransport

t.test('what consentry.conf keeps is read, and anything else is left out', async t => {
  const kept = pbxWith(
    ...['1700000000|1699999990.12|100', '1700000001|pbx-1699999991.14|101,consultation'],
    ...['', 'anything', '1700000002|channel', 'later|1.1|100', '1700000003||100', '1700000004|1.1|10|0'],
  )
  const passed = await readPassedCalls(kept, 'mine')
  t.strictSame(
    passed
      .map(({ channel, arrival: { number, caller, at, consults } }) => [
        channel,
        number,
        caller,
        at,
        consults,
      ])
      .sort(),
    [
      ['1699999990.12', '100', '', 1_700_000_000_000, false],
      ['pbx-1699999991.14', '101', '', 1_700_000_001_000, true],
    ],
  )
})

t.test('a PBX that does not answer is an error', async t => {
  const request = async () => {
    throw new Error('away')
  }
  await t.rejects(readPassedCalls({ request } as unknown as AriTransport, 'mine'), /away/)
})
