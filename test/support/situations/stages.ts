import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Caller } from '../../../lab/caller.js'
import type { Pbx } from '../../../lab/pbx.js'
import { type AnsweredCall, Phone } from '../../../lab/phone.js'
import { quickLine } from '../data/quick-lines.js'
import type { CallLab } from '../lab/call-lab.js'
import type { PlacedCall } from '../lab/placed-call.js'
import { connect, dial, LIMIT, pickUp, talkTo, waitUntilConnected } from './company.js'

/** A call that has come to a stage: the caller talks with this agent now. */
export interface Staged {
  placed: PlacedCall
  agent: AnsweredCall
}

/** What the agent does who had the caller before, if there was one. */
export type WithFirst = (placed: PlacedCall, first: AnsweredCall) => Promise<void>

/** Brings a new call to a stage. One call of a stage goes on at a time. */
export type Stage = (lab: CallLab, withFirst?: WithFirst) => Promise<Staged>

const NAMES = [
  ...(['talks', 'sends', 'isSent', 'joins', 'isJoined', 'redirects', 'isRedirected'] as const),
  ...(['parks', 'retrieves', 'confers', 'serves'] as const),
]
/** The phone that each line rings, and that to which callers come from there, with its number. */
const LINES = { 881: 'talks', 882: 'sends', 883: 'joins', 884: 'redirects', 885: 'parks' } as const
const ONWARD = { 892: 'isSent', 893: 'isJoined', 894: 'isRedirected' } as const
const [CONFERENCE, ROOM, QUEUE, MEMBER] = ['886', '896', '887', '897'] as const

/** The stages of a call at which agents and callers press keys, with the phones, lines and dialplan that they need. */
export class Stages {
  private constructor(private readonly phones: Readonly<Record<(typeof NAMES)[number], Phone>>) {}

  static async open(): Promise<Stages> {
    const phones = await Promise.all(NAMES.map(async name => [name, await Phone.open()] as const))
    return new Stages(Object.fromEntries(phones) as Record<(typeof NAMES)[number], Phone>)
  }

  /** What was recorded before a withdrawal is kept on these lines, so that it can be measured. */
  readonly lines = [...Object.keys(LINES), CONFERENCE, QUEUE].map(number =>
    quickLine(number, { onWithdraw: 'keep' }),
  )

  get extensions(): string {
    const dialled = (name: (typeof NAMES)[number]) => `Dial(${this.phones[name].agentEndpoint},30)`
    return [
      ...Object.entries(LINES).map(
        ([number, name]) => `exten => ${number},1,Gosub(consentry,s,1)\n same => n,${dialled(name)}`,
      ),
      ...Object.entries(ONWARD).map(([number, name]) => `exten => ${number},1,${dialled(name)}`),
      'exten => 700,1,Park()',
      'exten => 701,1,ParkedCall(default,701)',
      `exten => ${CONFERENCE},1,Gosub(consentry,s,1)\n same => n,Goto(${ROOM},1)`,
      `exten => ${ROOM},1,Set(CONFBRIDGE(user,quiet)=yes)\n same => n,ConfBridge(room)`,
      `exten => ${MEMBER},1,${dialled('serves')}`,
      `exten => ${QUEUE},1,Gosub(consentry,s,1)\n same => n,Queue(stages)`,
    ].join('\n')
  }

  /** Gives a PBX that runs the queue. */
  async addQueue(pbx: Pbx): Promise<void> {
    // A phone that has not registered counts as away, and a queue does not ring it. What is behind a `Local` channel counts as free.
    const queue = `\n[stages]\nstrategy = ringall\ntimeout = 30\nmember => Local/${MEMBER}@from-lab\n`
    await appendFile(join(pbx.dir, 'etc', 'queues.conf'), queue)
    await pbx.cli('queue reload all')
  }

  get all(): Readonly<Record<string, Stage>> {
    return {
      'plain talk': lab => this.#first(lab, 881),
      'blind transfer by REFER': (lab, withFirst) => this.#blind(lab, withFirst),
      'attended transfer by REFER with Replaces': (lab, withFirst) => this.#attended(lab, withFirst),
      '302 to a phone': lab => this.#redirected(lab),
      'park by REFER, and retrieve': (lab, withFirst) => this.#parked(lab, withFirst),
      conference: lab => this.#conference(lab),
      queue: lab => this.#queue(lab),
    }
  }

  close(): void {
    for (const phone of Object.values(this.phones)) phone.close()
  }

  /** A caller of a line talks with the phone that it rings. */
  async #first(lab: CallLab, number: keyof typeof LINES, withFirst?: WithFirst): Promise<Staged> {
    const placed = await dial(lab, String(number))
    const agent = await talkTo(placed, this.phones[LINES[number]])
    await withFirst?.(placed, agent)
    return { placed, agent }
  }

  async #blind(lab: CallLab, withFirst?: WithFirst): Promise<Staged> {
    const { placed, agent: first } = await this.#first(lab, 882, withFirst)
    await refer(first, `sip:892@${lab.lab.pbx.sip}`)
    // The PBX transfers after it has taken the REFER. Whoever hangs up before ends the call.
    const agent = await talkTo(placed, this.phones.isSent)
    await first.hangup()
    return { placed, agent }
  }

  async #attended(lab: CallLab, withFirst?: WithFirst): Promise<Staged> {
    const { placed, agent: first } = await this.#first(lab, 883, withFirst)
    const consultation = await Caller.call({ sip: lab.lab.pbx.sip, number: '893' })
    const agent = await pickUp(this.phones.isJoined)
    await consultation.waitForAnswer(LIMIT)
    await refer(first, consultation.replacesAddress)
    await waitUntilConnected(agent, placed.caller)
    await Promise.all([first.hangup(), consultation.hangup()])
    return { placed, agent }
  }

  async #redirected(lab: CallLab): Promise<Staged> {
    const placed = await dial(lab, '884')
    const ringing = await this.phones.redirects.waitForRing(LIMIT)
    ringing.redirect(`sip:894@${lab.lab.pbx.sip}`)
    return { placed, agent: await talkTo(placed, this.phones.isRedirected) }
  }

  async #parked(lab: CallLab, withFirst?: WithFirst): Promise<Staged> {
    const { placed, agent: first } = await this.#first(lab, 885, withFirst)
    await refer(first, `sip:700@${lab.lab.pbx.sip}`)
    await placed.waitForEvent('call.agent-left')
    await first.hangup()
    const agent = await connect(lab, this.phones.retrieves, 'extension 701@from-lab')
    await waitUntilConnected(agent, placed.caller)
    return { placed, agent }
  }

  async #conference(lab: CallLab): Promise<Staged> {
    const placed = await dial(lab, CONFERENCE)
    const agent = await connect(lab, this.phones.confers, `extension ${ROOM}@from-lab`)
    await waitUntilConnected(agent, placed.caller)
    return { placed, agent }
  }

  async #queue(lab: CallLab): Promise<Staged> {
    const placed = await dial(lab, QUEUE)
    return { placed, agent: await talkTo(placed, this.phones.serves) }
  }
}

/** @throws Error if the PBX does not take a transfer */
async function refer(agent: AnsweredCall, target: string): Promise<void> {
  const status = await agent.refer(target)
  if (status !== 202) throw new Error(`the PBX answers ${status} to REFER`)
}
