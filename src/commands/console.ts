import { serveConsole } from '../console/console.js'
import { removeSettings } from '../lib/process/child-env.js'
import { type Command, noWords } from './command.js'
import { withProject } from './with-project.js'

export const command: Command = {
  summary: 'Runs the console, a process beside the service, until SIGTERM or SIGINT',
  details:
    'Serves the API on CONSENTRY_CONSOLE. Programs need a token: consentry token add. docs/commands.md has the routes and who may use them.',
  usage: [''],
  example: 'console',
  options: {},
  async run(request) {
    noWords(request)
    // The service that started this process has ended, and the next one starts its own.
    process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'))
    await withProject(async deps => {
      removeSettings()
      await serveConsole(deps)
    }, 'console')
    return 0
  },
}
