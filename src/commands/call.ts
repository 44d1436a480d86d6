import { readCall } from '../recordings/calls/calls.js'
import { type Command, oneWord, print } from './command.js'
import { giveOrder } from './order-call.js'
import { timelineText } from './timeline-text.js'
import { withProject } from './with-project.js'

export const command: Command = {
  summary: 'Shows one call and everything that happened in it',
  details:
    'ask: has the person of a call asked for consent in the middle of the conversation. That person alone hears the disclosure and the question of the line, and answers by key. Only a yes begins or continues a recording.',
  usage: ['CALL', 'ask CALL'],
  example: 'call 0b7f2c52-6b0e-4f0e-9a39-1f2a6ad6cb55',
  options: {},
  async run(request) {
    const [first, ...rest] = request.words
    if (first === 'ask')
      return giveOrder('ask', oneWord({ ...request, words: rest }, 'call id'), request.json)
    const id = oneWord(request, 'call id')
    const call = await withProject(project => readCall(project, id))
    return print(request, call, timelineText(call))
  },
}
