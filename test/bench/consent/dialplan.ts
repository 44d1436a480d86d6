import type { Pbx } from '../../../lab/pbx.js'

/** Dials as the lab's line 101 does; the line after the Gosub writes down when it was reached, and with which tap. */
export const ASKED = '101'
/** Plays the same disclosure as that line, with nothing of ours. */
export const PLAYED = 'played'
/** Global variable with the path of that prompt, without extension: it is known only once the lab runs. */
export const DISCLOSURE = 'BENCH_DISCLOSURE'

const MARK = 'BENCH_BACK_'

export const EXTENSIONS = `
exten => ${ASKED},1,Gosub(consentry,s,1)
 same => n,Set(GLOBAL(${MARK}\${CALLERID(num)})=\${STRFTIME(,,%s.%6q)} \${CONSENTRY_TAP})
 same => n,Dial(\${LAB_AGENT},30,\${LAB_DIAL})
 same => n,Hangup()
exten => ${PLAYED},1,Playback(\${${DISCLOSURE}})
 same => n,Hangup()
`

/** When each caller was back in the dialplan with a tap that runs, by the caller's number; epoch ms. */
export async function readReturnTimes(pbx: Pbx): Promise<Map<string, number>> {
  const globals = await pbx.cli('dialplan show globals')
  const marks = globals.matchAll(new RegExp(`${MARK}(\\d+)=(\\d+\\.\\d+) (\\S+)`, 'g'))
  return new Map([...marks].map(([, from, seconds]) => [String(from), Number(seconds) * 1_000]))
}
