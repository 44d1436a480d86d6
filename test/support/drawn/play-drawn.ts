import { setTimeout as sleep } from 'node:timers/promises'
import type { Caller } from '../../../lab/caller.js'
import type { AnsweredCall } from '../../../lab/phone.js'
import { pollUntil } from '../../../lab/process/start-process.js'
import { callRows } from '../../../src/journal/read/call-rows.js'
import { type CallTimeline, readCall } from '../../../src/journal/read/timeline.js'
import type { CallLab } from '../lab/call-lab.js'
import { type Desk, LIMIT } from '../mixed/desk.js'
import { MIXED_EXTENSIONS, park, RETRIEVE } from '../mixed/scenes.js'
import { END_MS, stayApart, waitUntilConnected } from '../situations/company.js'
import { Said } from '../situations/said.js'
import { DRAWN_LINES, type Drawn, drawnLine, type Move } from './draw.js'

/** What caller and agent sound like at each stage, Hz. No prompt sounds as high as the agents, on whose side a caller hears prompts. */
export const STAGE_HZ = {
  caller: [970, 1_370, 1_730],
  agent: [3_330, 2_690, 2_290],
} as const
/** How long both speak at each stage, ms. */
const SPEECH_MS = 3_000
/** How often the journal is looked at for questions, ms. */
const LOOK_MS = 250

const desk = '${CALLERID(num):-2}'
const line = (number: string) => `
exten => ${number},1,Gosub(consentry,s,1)
 same =>     n,Set(onward=\${GLOBAL(GOSUB_${desk})})
 same =>     n,Set(GLOBAL(GOSUB_${desk})=)
 same =>     n,GotoIf($["\${onward}" != ""]?\${onward},1)
 same =>     n,Dial(\${GLOBAL(FIRST_${desk})},60)`

/** The dialplan of the drawn lines: each leads to the first phone of the desk, or into another Gosub if the desk wants it. */
export const DRAWN_EXTENSIONS = `${MIXED_EXTENSIONS}
${DRAWN_LINES.map(({ number }) => line(number)).join('')}
exten => _63X,1,Dial(Local/61\${EXTEN:2}@from-lab,60)
exten => _64XX,1,Answer()
 same =>     n,Set(CONFBRIDGE(user,quiet)=yes)
 same =>     n,ConfBridge(drawn-\${EXTEN:2})
`

/** What came of a conversation: its calls, oldest first, and what was said. */
export interface PlayedDrawn {
  calls: CallTimeline[]
  said: Said
}

let callers = 0

/** Plays a drawn conversation to its end. */
export async function playDrawn(lab: CallLab, at: Desk, drawn: Drawn): Promise<PlayedDrawn> {
  const from = `7994${String(process.pid % 1_000).padStart(3, '0')}${String(++callers).padStart(2, '0')}${at.digits}`
  const { pbx } = lab.lab
  const [sip, moves] = [pbx.sip, drawn.moves]
  const gosub = async (next: Move | undefined) =>
    void (next?.by === 'gosub' && (await pbx.setGlobal(`GOSUB_${at.digits}`, next.line)))

  await gosub(moves[0])
  // A line that records nothing does not answer: the phone does.
  const caller = await at.call(drawn.first, from, 'mode' in drawnLine(drawn.first).changes)
  const hz = Object.fromEntries(
    Object.entries(STAGE_HZ).flatMap(([who, all]) => all.map((one, i) => [`${who} ${i}`, one])),
  )
  const said = new Said(hz, caller)
  const answering = answerQuestions(lab, caller, from, drawn)
  let [agent, stage] = [undefined as AnsweredCall | undefined, 0]

  /** Both speak. */
  async function talk(other: AnsweredCall): Promise<void> {
    agent = other
    await waitUntilConnected(other, caller)
    await Promise.all([
      said.by(caller, `caller ${stage}`, SPEECH_MS),
      said.by(other, `agent ${stage}`, SPEECH_MS),
    ])
    stage += 1
    await stayApart()
  }

  /** Has a phone of the desk ring, answers it and talks, unless what follows sends the caller on before that. */
  async function arrive(next: Move | undefined): Promise<void> {
    if (next?.by === 'gosub' || next?.by === '302') return
    await talk(await at.pickUp(at.first))
  }

  /** Connects the second phone of the desk with an extension. */
  async function ring(extension: string): Promise<void> {
    await pbx.cli(`channel originate ${at.second.agentEndpoint} extension ${extension}@from-lab`)
    await talk(await at.pickUp(at.second))
  }

  async function redirect(to: string): Promise<void> {
    const rows = (await pbx.cli('core show channels concise')).split('\n').map(row => row.split('!'))
    // Halves of `Local` channels show the same number.
    const found = rows.find(row => row[7] === from && !row[0]!.startsWith('Local/'))?.[0]
    if (!found) throw new Error(`no channel has the number ${from}`)
    await pbx.cli(`channel redirect ${found} from-lab,${to},1`)
  }

  async function carryOut(move: Move): Promise<void> {
    if (move.by === 'refer') await at.refer(agent!, `sip:${move.line}@${sip}`)
    else if (move.by === 'redirect') await redirect(move.line)
    else if (move.by === 'local') await redirect(`63${move.line.slice(2)}`)
    else if (move.by === '302') (await at.first.waitForRing(LIMIT)).redirect(`sip:${move.line}@${sip}`)
    else if (move.by === 'park') {
      await park(at, agent!)
      await ring(`${RETRIEVE}${at.digits}`)
    } else if (move.by === 'conference') {
      await redirect(`64${at.digits}`)
      await ring(`64${at.digits}`)
    } else if (move.by === 'rtp') {
      await (move.of === 'caller' ? caller : agent!).restartRtp({ offers: move.how === 're-invite' })
      await talk(agent!)
    }
  }

  try {
    await arrive(moves[0])
    for (const [i, move] of moves.entries()) {
      await gosub(moves[i + 1])
      await carryOut(move)
      if ('line' in move) await arrive(moves[i + 1])
    }
    await sleep(END_MS)
  } finally {
    answering.stop()
    await at.end(0)
  }
  return { calls: await endedCalls(lab, from), said }
}

/** Presses a key for each question that is put to a caller, in whatever call. */
function answerQuestions(lab: CallLab, caller: Caller, from: string, { says }: Drawn): { stop(): void } {
  const [answered, times] = [new Set<string>(), new Map<string, number>()]
  let running = true
  void (async () => {
    while (running) {
      for (const { id } of await callRows(lab.db, { caller: from, limit: 10 })) {
        const asked = await lab.db
          .selectFrom('event')
          .select(['uuid', 'data'])
          .where('call_id', '=', id)
          .where('type', '=', 'consent.asked')
          .orderBy('id')
          .execute()
        for (const { uuid, data } of asked) {
          const { purpose, attempt } = data as { purpose: string; attempt: number }
          if (answered.has(uuid) || attempt > 1) continue
          answered.add(uuid)
          const nth = times.get(purpose) ?? 0
          times.set(purpose, nth + 1)
          await caller.press(says(purpose, nth) ? '1' : '2')
        }
      }
      await sleep(LOOK_MS)
    }
  })()
  return {
    stop() {
      running = false
    },
  }
}

/** Waits until all calls of a caller, and their recordings, have ended. @returns them, oldest first */
async function endedCalls({ db, store }: CallLab, from: string): Promise<CallTimeline[]> {
  const read = async () => {
    const rows = await callRows(db, { caller: from, limit: 10 })
    return Promise.all(rows.map(({ id }) => readCall(db, name => store.locate(name), id)))
  }
  const isOver = (call: CallTimeline) =>
    call.endedAt !== null && call.recordings.every(({ state }) => state !== 'recording')
  let calls: CallTimeline[] = []
  const over = async () => {
    calls = (await read()) as CallTimeline[]
    return calls.length > 0 && calls.every(isOver)
  }
  if (!(await pollUntil(over, LIMIT))) throw new Error(`the calls of ${from} do not end`)
  return calls.sort((one, other) => one.startedAt.localeCompare(other.startedAt))
}
