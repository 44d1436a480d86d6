import { consoleSettings, readConfig } from '../config/config.js'
import { removeSettings } from '../lib/process/child-env.js'
import { serviceManager } from '../lib/process/service-manager.js'
import { serve } from '../main/main.js'
import { type Command, noWords } from './command.js'

export const command: Command = {
  summary: 'Runs the service until SIGTERM or SIGINT',
  details:
    '--without-console: starts no console beside itself, because that has a unit of its own. Under systemd it tells when it is ready, and feeds the watchdog while it works.',
  usage: ['[--without-console]'],
  example: 'serve',
  options: { 'without-console': { type: 'boolean' } },
  async run(request) {
    noWords(request)
    const config = readConfig(process.env)
    const alone = request.options['without-console'] === true
    const forConsole = alone ? undefined : consoleSettings(process.env)
    const manager = serviceManager(process.env)
    removeSettings()
    await serve(config, { forConsole, manager })
    return 0
  },
}
