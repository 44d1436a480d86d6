import type { Test } from 'tap'
import { Caller } from '../../lab/caller.js'
import type { CallTimeline } from '../../src/journal/read/timeline.js'
import { LONG_WAIT_MS, quickLine } from '../support/data/quick-lines.js'
import { CallInJournal } from '../support/lab/call-in-journal.js'
import type { CallLab } from '../support/lab/call-lab.js'
import { pressInDisclosure } from '../support/lab/caller-actions.js'
import { openPhones } from '../support/lab/open-phones.js'
import { PlacedCall } from '../support/lab/placed-call.js'
import {
  dial,
  finish,
  LIMIT,
  pickUp,
  refer,
  talkTo,
  transferTo,
  waitUntilConnected,
} from '../support/situations/company.js'
import { type Played, Said } from '../support/situations/said.js'
import { situation } from '../support/situations/situation.js'

/** What everybody sounds like, Hz. No prompt sounds as high as those who refuse beside one. */
const HZ = { before: 2_690, after: 1_730, second: 1_370, refuser: 3_330, stranger: 2_290 }
const SIDES = 'both sides'

/** Waits until a caller is asked on a line, in whatever call. */
async function askedOn(lab: CallLab, caller: string, line: string): Promise<void> {
  const isAsked = ({ events }: CallTimeline) =>
    events.some(({ type }) => type === 'consent.asked') || undefined
  if (!(await new CallInJournal(lab, { caller, line }).waitFor(isAsked, LIMIT)))
    throw new Error(`nobody is asked on line ${line}`)
}

/** Situations in which phones of the company send callers on, in ways of SIP. */
export async function openSentOn(t: Test) {
  const { leaves, rings, refers, outside, redirects, serves, redirectsToLine, servesLine } = await openPhones(
    t,
    ...(['leaves', 'rings', 'refers', 'outside'] as const),
    ...(['redirects', 'serves', 'redirectsToLine', 'servesLine'] as const),
  )
  const extensions = [
    ...[leaves, refers, redirects, redirectsToLine].map(
      (phone, i) =>
        `exten => 85${i + 1},1,Gosub(consentry,s,1)\n same => n,Dial(${phone.agentEndpoint},30,t)`,
    ),
    `exten => 861,1,Dial(${rings.agentEndpoint},30)`,
    `exten => 862,1,Dial(${outside.endpoint},30)`,
    `exten => 863,1,Dial(${serves.agentEndpoint},30)`,
    `exten => 864,1,Gosub(consentry,s,1)\n same => n,Dial(${servesLine.agentEndpoint},30)`,
  ].join('\n')
  const lines = ['851', '852', '853', '854', '864'].map(number => quickLine(number, { waitMs: LONG_WAIT_MS }))

  /** Places a call that is found by its line too, because the caller may come to another one. */
  async function dialOnly(lab: CallLab, number: string): Promise<PlacedCall> {
    const from = `7997${String(process.pid % 10_000).padStart(4, '0')}${number}`
    const placed = await PlacedCall.place(lab, { number, from }, { caller: from, line: number })
    await placed.caller.waitForAnswer(LIMIT)
    await pressInDisclosure('1')(placed)
    await placed.waitForEvent('call.released')
    return placed
  }

  /** An agent consults another one, and hangs up while that phone rings. */
  async function completedWhileRinging(lab: CallLab): Promise<Played> {
    const placed = await dial(lab, '851')
    const said = new Said(HZ, placed.caller)
    const first = await talkTo(placed, leaves)
    await said.by(placed.caller, 'before')
    const ringing = await transferTo(first, '*3', '861', limit => rings.waitForRing(limit))
    await first.hangup()
    const second = await rings.answer(ringing)
    await waitUntilConnected(second, placed.caller)
    await Promise.all([said.by(second, 'second', 4_000), said.by(placed.caller, 'after', 4_000)])
    return { call: await finish(placed), said }
  }

  /** An agent's phone calls somebody outside, and joins the two by REFER with Replaces. */
  async function referWithReplaces(lab: CallLab): Promise<Played> {
    const placed = await dial(lab, '852')
    const said = new Said(HZ, placed.caller)
    const first = await talkTo(placed, refers)
    await said.by(placed.caller, 'before')
    const consultation = await Caller.call({ sip: lab.lab.pbx.sip, number: '862' })
    const stranger = await pickUp(outside)
    await consultation.waitForAnswer(LIMIT)
    await waitUntilConnected(stranger, consultation)
    const strange = said.by(stranger, 'stranger', 9_000)
    await refer(first, consultation.replacesAddress)
    await placed.waitForEvent('call.party-joined')
    await Promise.all([first.hangup(), consultation.hangup()])
    await strange
    return { call: await finish(placed), said }
  }

  /** A phone sends the caller on by 302, to another phone. */
  async function redirected(lab: CallLab): Promise<Played> {
    const placed = await dial(lab, '853')
    const said = new Said(HZ, placed.caller)
    const ringing = await redirects.waitForRing(LIMIT)
    ringing.redirect(`sip:863@${lab.lab.pbx.sip}`)
    const second = await talkTo(placed, serves)
    await Promise.all([said.by(second, 'second', 4_000), said.by(placed.caller, 'after', 4_000)])
    return { call: await finish(placed), said }
  }

  /** A phone sends the caller on by 302 to a line that asks, where the caller refuses. */
  async function redirectedToLine(lab: CallLab): Promise<Played & { also: CallTimeline[] }> {
    const placed = await dialOnly(lab, '854')
    const said = new Said(HZ, placed.caller)
    const ringing = await redirectsToLine.waitForRing(LIMIT)
    ringing.redirect(`sip:864@${lab.lab.pbx.sip}`)
    const second = servesLine.waitForRing(LIMIT)
    await askedOn(lab, placed.number, '864')
    await placed.caller.press('2')
    const agent = await servesLine.answer(await second)
    await waitUntilConnected(agent, placed.caller)
    await said.by(placed.caller, 'refuser', 5_000)
    const call = await finish(placed)
    return {
      call,
      said,
      also: [(await new CallInJournal(lab, { caller: placed.number, line: '864' }).read())!],
    }
  }

  const rows = [
    {
      title: 'attended transfer by *3, completed while ringing',
      play: completedWhileRinging,
      allowed: [SIDES],
    },
    {
      title: 'attended transfer by REFER with Replaces, to somebody outside whom nobody asked',
      play: referWithReplaces,
      allowed: [SIDES, 'nothing (party)'],
      unagreed: ['stranger'],
    },
    { title: '302 to a phone', play: redirected, allowed: [SIDES] },
    {
      title: '302 to a line that asks, asked there too behind a Local channel: refuses',
      asked: 2,
      play: redirectedToLine,
      allowed: [SIDES, 'nothing (line)'],
      unagreed: ['refuser'],
    },
  ]

  return {
    extensions,
    lines,
    /** Plays all at the same time. @returns adds a row for each */
    async play(lab: CallLab): Promise<() => void> {
      const played = await Promise.all(rows.map(({ play }) => play(lab)))
      return () => {
        for (const [i, { title, allowed, unagreed = [], asked = 1 }] of rows.entries())
          situation(t, lab, title, { ...played[i]!, asked, allowed, unagreed })
      }
    },
  }
}
