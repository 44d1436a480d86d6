import { setTimeout as sleep } from 'node:timers/promises'
import type { AnsweredCall } from '../../../lab/phone.js'
import { pollUntil } from '../../../lab/process/start-process.js'
import { quickLine } from '../data/quick-lines.js'
import { press } from '../lab/caller-actions.js'
import { waitUntilConnected } from '../situations/company.js'
import { type Desk, LIMIT } from './desk.js'

/** The lines. */
const [STRAIGHT, CONFERENCE, QUEUE, OUTBOUND] = ['401', '402', '403', '404'] as const
/** What follows is the number of a desk: to its second phone, to a place in the parking lot, from there, and to a customer. */
export const [ONWARD, PARK, RETRIEVE, CUSTOMER] = ['41', '42', '43', '44'] as const

/** The lines of all scenes. */
export const MIXED_LINES = [STRAIGHT, CONFERENCE, QUEUE, OUTBOUND].map(number =>
  quickLine(number, { waitMs: number === OUTBOUND ? 20_000 : 1_000 }),
)

const desk = '${CALLERID(num):-2}'

/** Their dialplan, for up to 20 desks. */
export const MIXED_EXTENSIONS = `
exten => ${STRAIGHT},1,Gosub(consentry,s,1)
 same =>     n,Dial(\${GLOBAL(FIRST_${desk})},60)
exten => ${CONFERENCE},1,Gosub(consentry,s,1)
 same =>     n,Set(CONFBRIDGE(user,quiet)=yes)
 same =>     n,ConfBridge(desk-${desk})
exten => ${QUEUE},1,Gosub(consentry,s,1)
 same =>     n,Queue(support)
exten => _${ONWARD}XX,1,Dial(\${GLOBAL(SECOND_\${EXTEN:-2})},60)
exten => _${PARK}XX,1,Set(PARKINGEXTEN=7\${EXTEN:-2})
 same =>     n,Park()
exten => _${RETRIEVE}XX,1,ParkedCall(default,7\${EXTEN:-2})
exten => _${CUSTOMER}XX,1,Dial(\${GLOBAL(FIRST_\${EXTEN:-2})},60,G(consentry-outbound^${OUTBOUND}_7995\${EXTEN:-2}^1))
`

/** A caller has agreed, and talks with the first phone. */
async function talking(desk: Desk) {
  const caller = await desk.dial(STRAIGHT, '1')
  const agent = await desk.pickUp(desk.first)
  await waitUntilConnected(agent, caller)
  return { caller, agent }
}

/** The agent parks the caller at the desk's space. @throws Error if nobody is parked there after a minute */
export async function park(desk: Desk, agent: AnsweredCall): Promise<void> {
  await desk.refer(agent, PARK)
  const lot = () => desk.pbx.cli('parking show default')
  // The head of the list names the first and the last space.
  const isParked = new RegExp(`^ *Space *: *7${desk.digits}$`, 'm')
  if (!(await pollUntil(async () => isParked.test(await lot()), LIMIT)))
    throw new Error(`nobody is parked at 7${desk.digits}: ${await lot()}`)
}

/** What becomes of a call, or of two. Each is played to its end. */
export const SCENES: Readonly<Record<string, (desk: Desk) => Promise<void>>> = {
  async talk(desk) {
    await desk.dial(STRAIGHT, '1')
    await desk.pickUp(desk.first)
    await desk.end(2_000)
  },

  async refused(desk) {
    await desk.dial(STRAIGHT, '2')
    await desk.pickUp(desk.first)
    await desk.end()
  },

  async hungUpInTheQuestion(desk) {
    await desk.dial(STRAIGHT)
    await desk.end()
  },

  async silent(desk) {
    await desk.dial(STRAIGHT)
    await desk.pickUp(desk.first)
    await desk.end()
  },

  async agentEnds(desk) {
    const caller = await desk.dial(STRAIGHT, '1')
    const agent = await desk.pickUp(desk.first)
    await sleep(500)
    await agent.hangup()
    await caller.waitForEnd(LIMIT)
    await desk.end(0)
  },

  async agentIsBusy(desk) {
    const caller = await desk.dial(STRAIGHT, '1')
    const ringing = await desk.first.waitForRing(LIMIT)
    ringing.refuse('486 Busy Here')
    await caller.waitForEnd(LIMIT)
    await desk.end(0)
  },

  async blindTransfer(desk) {
    const { agent } = await talking(desk)
    await desk.refer(agent, ONWARD)
    await desk.pickUp(desk.second)
    await desk.end()
  },

  async attendedTransfer(desk) {
    const { agent } = await talking(desk)
    const [consultation] = await Promise.all([desk.call(`${ONWARD}${desk.digits}`), desk.pickUp(desk.second)])
    await desk.refer(agent, consultation.replacesAddress)
    await desk.end(1_000)
  },

  async redirected(desk) {
    await desk.dial(STRAIGHT, '1')
    const ringing = await desk.first.waitForRing(LIMIT)
    ringing.redirect(`sip:${ONWARD}${desk.digits}@${desk.pbx.sip}`)
    await desk.pickUp(desk.second)
    await desk.end()
  },

  async parked(desk) {
    const { agent } = await talking(desk)
    await park(desk, agent)
    const number = `${RETRIEVE}${desk.digits}`
    await desk.pbx.cli(`channel originate ${desk.second.agentEndpoint} extension ${number}@from-lab`)
    await desk.pickUp(desk.second)
    await desk.end(1_000)
  },

  async conference(desk) {
    await desk.dial(CONFERENCE, '1')
    await desk.dial(CONFERENCE, '2')
    await desk.end(4_000)
  },

  async queue(desk) {
    await desk.dial(QUEUE, '1')
    await desk.end(4_000)
  },

  async held(desk) {
    const { caller, agent } = await talking(desk)
    for (const one of [agent, caller]) {
      await one.hold()
      await sleep(300)
      await one.unhold()
    }
    await desk.end()
  },

  async pausedAndWithdrawn(desk) {
    const { caller, agent } = await talking(desk)
    await press(agent, '*7')
    await sleep(300)
    await press(agent, '*7')
    await caller.pressKeys('*9')
    // The caller hangs up while the confirmation is whispered.
    await desk.end()
  },

  async customer(desk) {
    const agent = desk.call(`${CUSTOMER}${desk.digits}`)
    const customer = await desk.pickUp(desk.first)
    desk.placed += 1
    await agent
    await sleep(1_500)
    await customer.press('1')
    await desk.end(3_000)
  },
}
