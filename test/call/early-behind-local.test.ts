// Real: Asterisk, SIP callers and phones, the service and its keeper, PostgreSQL. Fake: none.
// Somebody is heard before the answer behind a `Local` channel that the dialplan dials for a recorded caller. Everybody has a tone, by which the
// recordings are measured. All scenes run at the same time.
// Long only: Local channels of the PBX; `call/parties` has the channels that most PBXs use.
import t from 'tap'
import type { Phone } from '../../lab/phone.js'
import { quickLine } from '../support/data/quick-lines.js'
import { startCallLab } from '../support/lab/call-lab.js'
import { openPhones } from '../support/lab/open-phones.js'
import { waitForTone } from '../support/lab/tones-heard.js'
import { dial, finish, LIMIT, stayApart } from '../support/situations/company.js'
import { type Played, Said } from '../support/situations/said.js'
import { situation } from '../support/situations/situation.js'

/** What everybody sounds like, Hz. No two share a multiple. */
const HZ = { before: 3_170, stranger: 2_290, first: 830 }
const SIDES = 'both sides'
const { kept, joined, nested, answered, colleague } = await openPhones(
  ...([t, 'kept', 'joined', 'nested', 'answered', 'colleague'] as const),
)
const LINES = { kept: '891', joined: '892', nested: '893', answered: '894', colleague: '895' }
const asks = (line: string, dials: string) =>
  `exten => ${line},1,Gosub(consentry,s,1)\n same => n,Dial(${dials},60)`
const lab = await startCallLab(t, {
  extensions: `
${asks(LINES.kept, 'Local/861@from-lab/n')}
${asks(LINES.joined, 'Local/862@from-lab')}
${asks(LINES.nested, 'Local/863@from-lab/n')}
${asks(LINES.answered, 'Local/865@from-lab/n')}
${asks(LINES.colleague, 'Local/866@from-lab/n')}
exten => 861,1,Dial(${kept.endpoint},60)
exten => 862,1,Dial(${joined.endpoint},60)
exten => 863,1,Dial(Local/864@from-lab/n,60)
exten => 864,1,Dial(${nested.endpoint},60)
exten => 865,1,Answer()
 same =>     n,Wait(1)
 same =>     n,Dial(${answered.endpoint},60)
exten => 866,1,Dial(${colleague.agentEndpoint},60)
`,
  env: { CONSENTRY_INSIDE: 'PJSIP/agent' },
  lines: Object.values(LINES).map(number => quickLine(number)),
})

/** A phone is heard before it answers, which it never does. */
async function early(line: string, phone: Phone, voice: 'stranger' | 'first'): Promise<Played> {
  const placed = await dial(lab, line)
  const said = new Said(HZ, placed.caller)
  const ringing = await phone.waitForRing(LIMIT)
  await said.by(placed.caller, 'before')
  await stayApart()
  const heard = await phone.speakEarly(ringing)
  const spoken = said.by(heard, voice, 6_000)
  await waitForTone(placed.caller, HZ[voice], LIMIT)
  await spoken
  return { call: await finish(placed), said }
}

const OUTSIDE = { kept, joined, nested, answered }
const [inside, ...outside] = await Promise.all([
  early(LINES.colleague, colleague, 'first'),
  ...Object.entries(OUTSIDE).map(([scene, phone]) =>
    early(LINES[scene as keyof typeof OUTSIDE], phone, 'stranger'),
  ),
])
const TITLES = [
  'behind a Local channel with /n',
  'behind a Local channel',
  'behind two Local channels',
  'behind a Local channel that has answered',
]
for (const [i, played] of outside.entries())
  situation(t, lab, `somebody outside is heard before the answer ${TITLES[i]}`, {
    ...{ ...played, asked: 1, allowed: [SIDES, 'nothing (party)'], unagreed: ['stranger'] },
  })
situation(t, lab, 'a phone of the company is heard before the answer behind a Local channel', {
  ...{ ...inside, asked: 1, allowed: [SIDES] },
})
