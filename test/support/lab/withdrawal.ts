import { setTimeout as sleep } from 'node:timers/promises'
import { epochMs } from '../../../lab/time.js'
import type { PartId } from '../../../src/core/ids.js'
import type { CallLab } from './call-lab.js'
import type { PlacedCall } from './placed-call.js'

/**
 * The agent repeats the sentence, with pauses in which the confirmation can be recognised. For the test, the dialplan records
 * what the agent's side hears. The first agent of 606 transfers the caller to the same number.
 */
export const withdrawalDialplan = `
exten => _60[1-4],1,Gosub(consentry,s,1)
 same =>          n,Dial(Local/\${CALLERID(num)}@listening)
exten => 606,1,Gosub(consentry,s,1)
 same =>     n,Set(visits=$[0\${visits} + 1])
 same =>     n,Dial(Local/\${IF($[\${visits} = 1]?606@sending-on:\${CALLERID(num)}@listening)},30,t)
 same =>     n,Hangup()

[listening]
exten => _X.,1,Answer()
 same =>     n,MixMonitor(,r(ear-\${EXTEN}.alaw))
 same =>     n(again),Playback(\${GLOBAL(sounds)}/agent-sentence)
 same =>     n,Playback(\${GLOBAL(sounds)}/pause)
 same =>     n,Goto(again)

[sending-on]
exten => _X.,1,Answer()
 same =>     n,Playback(\${GLOBAL(sounds)}/pause)
 same =>     n,SendDTMF(#1,100)
 same =>     n,Wait(1)
 same =>     n,SendDTMF(\${EXTEN},100)
 same =>     n,Wait(10)
 same =>     n,Hangup()
`

/** @returns length of each run of levels below `dbfs`, ms. @param levels one each 20 ms, dBFS */
export function quietRuns(levels: number[], dbfs: number): number[] {
  const runs = [0]
  for (const level of levels) {
    if (level < dbfs) runs.push((runs.pop() ?? 0) + 20)
    else if (runs.at(-1) !== 0) runs.push(0)
  }
  return runs
}

/** Waits until a part has no key file. @returns when, epoch ms */
export async function waitUntilKeyGone(lab: CallLab, part: PartId): Promise<number> {
  while (await lab.keyStore.find(part)) await sleep(50)
  return epochMs()
}

/** A running call that is recorded. */
export interface Talk {
  placed: PlacedCall
  /** The caller's number. */
  from: string
  /** The parts of its recordings. */
  parts: PartId[]
}

/** Presses `*9`. @returns when the last key was released, epoch ms */
export const pressStarNine = async ({ caller }: PlacedCall): Promise<number> => {
  const released = await caller.press('*')
  await sleep(100)
  return Math.max(released, await caller.press('9'))
}
