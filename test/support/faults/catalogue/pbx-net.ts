import { serverFrame } from '../../fakes/fake-pbx.js'
import { AGENT_LIMIT_MS } from '../../lab/fault-lab.js'
import type { Dice } from '../dice.js'
import type { FaultSite } from '../fault-site.js'
import type { Fault } from './fault.js'
import { cut, stall } from './network.js'

async function delay({ pbxNet }: FaultSite, dice: Dice) {
  pbxNet.delay(dice.within(50, 700))
  return async () => pbxNet.restore()
}

/** The content of a well-formed frame that no PBX sends. */
const nonsense = (dice: Dice): string =>
  dice.pick([
    '',
    '{',
    'null',
    '[]',
    '{"type":1}',
    '{"type":"NoSuchEvent","channel":{"id":"x"}}',
    '{"type":"StasisStart"}',
    '{"type":"ChannelDtmfReceived","digit":"1"}',
    '{"type":"ChannelDtmfReceived","digit":"1","channel":{"id":"unknown"}}',
    '{"type":"ChannelDestroyed","channel":null}',
    '{"type":"PlaybackFinished","playback":{"id":"unknown","state":"done"}}',
    `{"type":"ApplicationReplaced${'x'.repeat(5_000)}"}`,
  ])

/** Inserts messages between the PBX's own. The service must ignore them. */
async function injectNonsense({ pbxNet }: FaultSite, dice: Dice) {
  for (let i = dice.within(1, 20); i > 0; i--) pbxNet.inject(serverFrame(nonsense(dice), 1))
  return async () => {}
}

/** Inserts bytes that are not a frame. The service must connect again. */
async function injectGarbage({ pbxNet, waitUntilWorking }: FaultSite, dice: Dice) {
  pbxNet.inject(dice.bytes(dice.within(1, 200)))
  return waitUntilWorking
}

/** Faults of the connections to the PBX: events, requests, and the keeper's rescue. */
export const pbxNetFaults: Fault[] = [
  {
    name: 'ARI events cut off',
    target: 'pbx',
    lasts: [0, 3_000],
    weight: 4,
    strike: cut('pbxNet', 'events'),
  },
  { name: 'ARI cut off', target: 'pbx', lasts: [0, 3_000], weight: 3, strike: cut('pbxNet') },
  { name: 'ARI stalls', target: 'pbx', lasts: [200, 6_000], weight: 3, strike: stall('pbxNet') },
  { name: 'ARI slow', target: 'pbx', lasts: [500, 4_000], weight: 2, strike: delay },
  {
    name: 'nonsense among ARI events',
    target: 'pbx',
    lasts: [0, 0],
    weight: 4,
    silentMs: AGENT_LIMIT_MS,
    strike: injectNonsense,
  },
  { name: 'garbled ARI events', target: 'pbx', lasts: [0, 0], weight: 3, strike: injectGarbage },
]
