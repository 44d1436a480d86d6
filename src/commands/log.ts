import { readConfig } from '../config/config.js'
import { readLog } from '../operations/read-log.js'
import { type Command, noWords, printJson } from './command.js'

export const command: Command = {
  summary: "Prints the transparency log's public key and last checkpoint",
  details: 'Whoever checks receipts or the journal needs this key.',
  usage: [''],
  example: 'log',
  options: {},
  async run(request) {
    noWords(request)
    const log = await readLog({ config: readConfig(process.env, 'tool') })
    if (request.json) printJson(log)
    else process.stdout.write(`${log.key}\n${log.checkpoint === null ? '' : `\n${log.checkpoint}`}`)
    return 0
  },
}
