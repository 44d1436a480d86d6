import { readConfig } from '../config/config.js'
import { consoleSettings } from '../config/console-settings.js'
import { serve } from '../main.js'
import { removeSettings } from '../process/child-env.js'
import { type Command, noWords } from './command.js'

export const command: Command = {
  summary: 'Runs the service until SIGTERM or SIGINT',
  usage: [''],
  example: 'serve',
  options: {},
  async run(request) {
    noWords(request)
    const config = readConfig(process.env)
    const forConsole = consoleSettings(process.env)
    removeSettings()
    await serve(config, forConsole)
    return 0
  },
}
