// Real: Asterisk, SIP phones. Fake: none. Consentry takes no part in these calls.
// Debian's Asterisk 22 drops the sound of a phone whose RTP sequence numbers look older than those of what was played before, if whoever listens is
// behind a `Local` channel. It does so in calls that nobody asks and nobody records.
// Long only: the PBX without Consentry; `call/parties` has it with Consentry.
import t from 'tap'
import { tone } from '../../lab/audio/signals.js'
import { startCallLab } from '../support/lab/call-lab.js'
import { openPhones } from '../support/lab/open-phones.js'
import { placesOf } from '../support/lab/tones-heard.js'
import { asteriskVersion } from '../support/processes/asterisk-version.js'
import { pickUp } from '../support/situations/company.js'

/** What the agent says: tone, Hz, and for how long, ms. */
const SAYS = { hz: 1_730, ms: 3_000 }
/** Sequence numbers of an agent: one looks later than those of a file, which begin at 0, one looks older. */
const SEQUENCES = { later: 100, older: 40_000 }

const { listens, speaks } = await openPhones(t, 'listens', 'speaks')
const lab = await startCallLab(t, {
  extensions: `
exten => 856,1,Dial(${listens.endpoint})
exten => 857,1,Answer()
 same =>     n,Playback(\${GLOBAL(sentence)})
 same =>     n,Dial(${speaks.endpoint})
`,
  service: false,
})
const { pbx } = lab.lab
await pbx.setGlobal('sentence', `${pbx.dir}/sounds/agent-sentence`)

/** A phone hears a sound and then another phone. @returns for how long it hears that phone, s */
async function heardFor(to: string, sequence: number): Promise<number> {
  await pbx.cli(`channel originate ${to} extension 857@from-lab`)
  const customer = await pickUp(listens)
  const agent = await pickUp(speaks, sequence)
  await agent.say(tone([SAYS.hz], SAYS.ms))
  await customer.hangup()
  await agent.waitForEnd()
  return placesOf(customer.heard.samples(), SAYS.hz).length / 10
}

t.test('without Consentry, a phone that looks older is not heard behind a Local channel', async t => {
  const [straight, behind] = [listens.endpoint, 'Local/856@from-lab/n']
  for (const to of [straight, behind])
    for (const [looks, sequence] of Object.entries(SEQUENCES)) {
      const isLost = asteriskVersion === 22 && to === behind && looks === 'older'
      const heard = await heardFor(to, sequence)
      t.equal(heard > 2, !isLost, `${to}, ${looks}: heard for ${heard} s`)
    }
})
