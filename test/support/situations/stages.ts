import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Caller } from '../../../lab/caller.js'
import type { Pbx } from '../../../lab/pbx.js'
import { type AnsweredCall, Phone } from '../../../lab/phone.js'
import { quickLine } from '../data/quick-lines.js'
import type { CallLab } from '../lab/call-lab.js'
import { press } from '../lab/caller-actions.js'
import type { PlacedCall } from '../lab/placed-call.js'
import {
  connect,
  dial,
  LIMIT,
  pickUp,
  refer,
  stayApart,
  talkTo,
  transferTo,
  waitUntilConnected,
} from './company.js'

/** A call that has come to a stage: the caller talks with this agent now. */
export interface Staged {
  placed: PlacedCall
  agent: AnsweredCall
  /** Another phone that is there, and stays when the caller hangs up. */
  other?: AnsweredCall
}

/** What the agent does who had the caller before, if there was one. */
export type WithFirst = (placed: PlacedCall, first: AnsweredCall) => Promise<void>

/** Brings a new call to a stage. One call of a stage goes on at a time. */
export type Stage = (lab: CallLab, withFirst?: WithFirst) => Promise<Staged>

const NAMES = [
  ...(['talks', 'sends', 'isSent', 'joins', 'isJoined', 'redirects', 'isRedirected'] as const),
  ...(['parks', 'retrieves', 'confers', 'serves', 'rings', 'answers', 'holds'] as const),
  ...(['staysOn', 'isBeside', 'calls', 'isCalled', 'consults', 'isConsulted'] as const),
]
/** The phone that each line rings, and that to which callers come from there, with its number. */
const LINES = {
  870: 'holds',
  871: 'calls',
  872: 'consults',
  881: 'talks',
  882: 'sends',
  883: 'joins',
  884: 'redirects',
  885: 'parks',
} as const
const ONWARD = {
  861: 'isCalled',
  862: 'isConsulted',
  892: 'isSent',
  893: 'isJoined',
  894: 'isRedirected',
} as const
/** Each line that leads into a conference, with the number of its room. */
const ROOMS = { 886: '896', 873: '863' } as const
const [QUEUE, MEMBER, GROUP] = ['887', '897', '888'] as const
/** The keys of a pause: the default of lines. */
const PAUSE = '*7'

/** The stages of a call at which agents and callers press keys, with the phones, lines and dialplan that they need. */
export class Stages {
  private constructor(private readonly phones: Readonly<Record<(typeof NAMES)[number], Phone>>) {}

  static async open(): Promise<Stages> {
    const phones = await Promise.all(NAMES.map(async name => [name, await Phone.open()] as const))
    return new Stages(Object.fromEntries(phones) as Record<(typeof NAMES)[number], Phone>)
  }

  /** What was recorded before a withdrawal is kept on these lines, so that it can be measured. */
  readonly lines = [...Object.keys(LINES), ...Object.keys(ROOMS), QUEUE, GROUP].map(number =>
    quickLine(number, { onWithdraw: 'keep' }),
  )

  get extensions(): string {
    const at = (name: (typeof NAMES)[number]) => this.phones[name].agentEndpoint
    // An agent may transfer by keys.
    const dialled = (name: (typeof NAMES)[number]) => `Dial(${at(name)},30${name === 'consults' ? ',t' : ''})`
    return [
      ...Object.entries(LINES).map(
        ([number, name]) => `exten => ${number},1,Gosub(consentry,s,1)\n same => n,${dialled(name)}`,
      ),
      ...Object.entries(ONWARD).map(([number, name]) => `exten => ${number},1,${dialled(name)}`),
      'exten => 700,1,Park()',
      'exten => 701,1,ParkedCall(default,701)',
      ...Object.entries(ROOMS).flatMap(([number, room]) => [
        `exten => ${number},1,Gosub(consentry,s,1)\n same => n,Goto(${room},1)`,
        `exten => ${room},1,Set(CONFBRIDGE(user,quiet)=yes)\n same => n,ConfBridge(room-${room})`,
      ]),
      `exten => ${MEMBER},1,${dialled('serves')}`,
      `exten => ${QUEUE},1,Gosub(consentry,s,1)\n same => n,Queue(stages)`,
      `exten => ${GROUP},1,Gosub(consentry,s,1)\n same => n,Dial(${at('rings')}&${at('answers')},30)`,
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
      conference: lab => this.#conference(lab, 886, this.phones.confers),
      'conference, beside an agent who holds': (lab, withFirst) => this.#besideHolder(lab, withFirst),
      queue: lab => this.#queue(lab),
      'ring group': lab => this.#ringGroup(lab),
      'consultation by a second call, keys in it, and back': (lab, withFirst) =>
        this.#secondCall(lab, withFirst),
      'consultation by *3, keys in it, and transfer': (lab, withFirst) => this.#consulted(lab, withFirst),
    }
  }

  /** As in a plain talk. Nobody else comes to this line. */
  readonly beforeHold: Stage = (lab, withFirst) => this.#first(lab, 870, withFirst)

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

  async #conference(lab: CallLab, line: keyof typeof ROOMS, phone: Phone): Promise<Staged> {
    const placed = await dial(lab, String(line))
    const agent = await connect(lab, phone, `extension ${ROOMS[line]}@from-lab`)
    await waitUntilConnected(agent, placed.caller)
    return { placed, agent }
  }

  /** Two agents are in the conference, and the first one holds. */
  async #besideHolder(lab: CallLab, withFirst?: WithFirst): Promise<Staged> {
    const { placed, agent: first } = await this.#conference(lab, 873, this.phones.staysOn)
    await withFirst?.(placed, first)
    const agent = await connect(lab, this.phones.isBeside, `extension ${ROOMS[873]}@from-lab`)
    await waitUntilConnected(agent, placed.caller)
    await first.hold()
    await placed.waitForEvent('call.hold-began')
    return { placed, agent, other: first }
  }

  async #queue(lab: CallLab): Promise<Staged> {
    const placed = await dial(lab, QUEUE)
    return { placed, agent: await talkTo(placed, this.phones.serves) }
  }

  /** Two phones ring, and one answers. */
  async #ringGroup(lab: CallLab): Promise<Staged> {
    const placed = await dial(lab, GROUP)
    await this.phones.rings.waitForRing(LIMIT)
    return { placed, agent: await talkTo(placed, this.phones.answers) }
  }

  /** The agent holds, and calls a colleague. Both press the keys of a pause in that call. Then the agent takes the caller back. */
  async #secondCall(lab: CallLab, withFirst?: WithFirst): Promise<Staged> {
    const { placed, agent } = await this.#first(lab, 871, withFirst)
    await agent.hold()
    await placed.waitForEvent('call.hold-began')
    const second = await Caller.call({ sip: lab.lab.pbx.sip, number: '861' })
    const colleague = await pickUp(this.phones.isCalled)
    await second.waitForAnswer(LIMIT)
    await waitUntilConnected(colleague, second)
    await second.pressKeys(PAUSE)
    await stayApart()
    await press(colleague, PAUSE)
    await stayApart()
    await second.hangup()
    await agent.unhold()
    await placed.waitForEvent('call.hold-ended')
    await waitUntilConnected(agent, placed.caller)
    return { placed, agent }
  }

  /** The agent consults a colleague by `*3`. Both press the keys of a pause there, before the agent hangs up. */
  async #consulted(lab: CallLab, withFirst?: WithFirst): Promise<Staged> {
    const { placed, agent: first } = await this.#first(lab, 872, withFirst)
    const { isConsulted } = this.phones
    const ringing = await transferTo(first, '*3', '862', limit => isConsulted.waitForRing(limit))
    const agent = await isConsulted.answer(ringing)
    await waitUntilConnected(first, agent)
    await press(first, PAUSE)
    await stayApart()
    await press(agent, PAUSE)
    await stayApart()
    await first.hangup()
    await waitUntilConnected(agent, placed.caller)
    return { placed, agent }
  }
}
