import { join } from 'node:path'
import { readConfig } from '../config/config.js'
import { AppError } from '../shared/errors.js'
import { LogFiles, readText } from '../tlog/log-files.js'
import { KEY_FILE } from '../tlog/log-folder.js'
import { checkpointOf } from '../tlog/notes/checkpoint.js'
import { type Command, noWords, printJson } from './command.js'

export const command: Command = {
  summary: "Prints the transparency log's public key and last checkpoint",
  details: 'Whoever checks receipts or the journal needs this key.',
  usage: [''],
  example: 'log',
  options: {},
  async run(request) {
    noWords(request)
    const { log } = readConfig(process.env, 'tool')
    const key = (await readText(join(log.dir, KEY_FILE)))?.trim()
    if (key === undefined)
      throw new AppError('not-found', `There is no log in ${log.dir}; consentry serve makes it.`)
    const checkpoint = await new LogFiles(log.dir).checkpoint()
    const size = checkpoint === undefined ? 0 : (checkpointOf(checkpoint)?.size ?? 0)
    if (request.json) printJson({ origin: key.split('+')[0], key, size, checkpoint: checkpoint ?? null })
    else process.stdout.write(`${key}\n${checkpoint === undefined ? '' : `\n${checkpoint}`}`)
    return 0
  },
}
