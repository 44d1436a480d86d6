import type { Pbx } from '../../../lab/pbx.js'

/** As the lab's line 101. The priority after the Gosub notes the time and the tap. */
export const ASKED = '101'
/** Plays the same disclosure without Consentry. */
export const PLAYED = 'played'
/** Global variable with the path of that prompt, without extension. The path is known when the lab runs. */
export const DISCLOSURE = 'BENCH_DISCLOSURE'

const MARK = 'BENCH_BACK_'

/** @param agent what the dialplan does after the decision */
export const extensionsWith = (agent: string): string => `
exten => ${ASKED},1,Gosub(consentry,s,1)
 same => n,Set(GLOBAL(${MARK}\${CALLERID(num)})=\${STRFTIME(,,%s.%6q)} \${CONSENTRY_TAP})
 same => n,${agent}
 same => n,Hangup()
exten => ${PLAYED},1,Playback(\${${DISCLOSURE}})
 same => n,Hangup()
`

/** The agent is the lab's. */
export const EXTENSIONS = extensionsWith('Dial(${LAB_AGENT},30,${LAB_DIAL})')

/** @returns when each caller returned to the dialplan with a running tap, by the caller's number, epoch ms */
export async function readReturnTimes(pbx: Pbx): Promise<Map<string, number>> {
  const globals = await pbx.cli('dialplan show globals')
  const marks = globals.matchAll(new RegExp(`${MARK}(\\d+)=(\\d+\\.\\d+) (\\S+)`, 'g'))
  return new Map([...marks].map(([, from, seconds]) => [String(from), Number(seconds) * 1_000]))
}
