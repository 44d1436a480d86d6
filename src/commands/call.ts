import { readCall } from '../operations/calls.js'
import { type Command, oneWord, printJson } from './command.js'
import { timelineText } from './timeline-text.js'
import { withProject } from './with-project.js'

export const command: Command = {
  summary: 'Shows one call and everything that happened in it',
  usage: ['CALL'],
  example: 'call 0b7f2c52-6b0e-4f0e-9a39-1f2a6ad6cb55',
  options: {},
  async run(request) {
    const id = oneWord(request, 'call id')
    const call = await withProject(project => readCall(project, id))
    if (request.json) printJson(call)
    else process.stdout.write(timelineText(call))
    return 0
  },
}
