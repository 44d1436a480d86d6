import { readCall } from '../journal/read/timeline.js'
import { type Command, oneWord, printJson } from './command.js'
import { timelineText } from './timeline-text.js'
import { withProject } from './with-project.js'

export const command: Command = {
  words: 'ID',
  does: 'Shows one call: its answers, its recordings and everything that happened, with times.',
  options: {},
  async run(request) {
    const id = oneWord(request, 'call id')
    const call = await withProject(({ db, store }) => readCall(db, object => store.locate(object), id))
    if (request.json) printJson(call)
    else process.stdout.write(timelineText(call))
    return 0
  },
}
