/** A line that asks. Its callers press the key during the disclosure. */
export const ASKED = '101'
/** Extension with the same menu in dialplan. */
export const PLAIN = 'menu'

/** Global variables with the paths of the same two prompts, without extension. The paths are known when a lab runs. */
export const DISCLOSURE = 'BENCH_DISCLOSURE'
export const CONFIRMATION = 'BENCH_CONFIRMATION'

/** After a yes the dialplan records both legs as plain WAV, as people do today. The rest is as on the lab's lines. */
export const EXTENSIONS = `
exten => ${PLAIN},1,Answer()
 same => n,Read(ANSWER,\${${DISCLOSURE}},1,,1,5)
 same => n,GotoIf($["\${ANSWER}" != "1"]?agent)
 same => n,Playback(\${${CONFIRMATION}})
 same => n,MixMonitor(,r(\${UNIQUEID}.rx.wav)t(\${UNIQUEID}.tx.wav))
 same => n(agent),Dial(\${LAB_AGENT},30,\${LAB_DIAL})
 same => n,Hangup()
`
