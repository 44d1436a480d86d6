import { readConfig } from '../config/config.js'
import { switchPause } from '../operations/switch-pause.js'
import { type Command, oneWord, printJson } from './command.js'

/** Both verbs ask the running service. */
const verb = (to: 'pause' | 'resume', summary: string, details?: string): Command => ({
  summary,
  ...(details && { details }),
  usage: ['CALL'],
  example: `${to} 0b7f2c52-6b0e-4f0e-9a39-1f2a6ad6cb55`,
  options: {},
  async run(request) {
    const call = oneWord(request, 'call id')
    const body = await switchPause({ config: readConfig(process.env, 'tool') }, call, to)
    if (request.json) printJson(body)
    else process.stdout.write(to === 'pause' ? 'Paused.\n' : 'Goes on.\n')
    return 0
  },
})

export const pause = verb(
  'pause',
  'Pauses the recordings of a call',
  'Nothing is kept until resume, or until the time that the line allows is over: for example while a card number is said.',
)
export const resume = verb('resume', 'Continues the paused recordings of a call')
