import { inspectPbx, type PbxReport } from '../site/pbx.js'
import { type Command, noWords, print } from './command.js'
import { withProject } from './with-project.js'

export const command: Command = {
  summary: 'Says what the service found at the PBX, and what it lacks',
  details: 'It asks the service that runs here. Exit code 1 if something lacks.',
  usage: [''],
  example: 'pbx',
  options: {},
  async run(request) {
    noWords(request)
    const report = await withProject(inspectPbx)
    print(request, report, `${sentences(report).join('\n')}\n`)
    return report.connected && report.registered !== false && report.included !== false ? 0 : 1
  },
}

function sentences(report: PbxReport): string[] {
  const { url, app, connected, reason, version, registered, included, lastCallAt } = report
  if (!connected) return [`The PBX at ${url} is not heard: ${reason ?? 'it was not reached yet'}`]
  return [
    `Asterisk ${version ?? 'of unknown version'} at ${url}`,
    registered === false
      ? `The application ${app} is not registered: restart the service.`
      : `The application ${app} is registered.`,
    included === false
      ? `The dialplan lacks the contexts of Consentry: run consentry setup, or copy ${report.include} beside extensions.conf as consentry-extensions.conf and put #include consentry-extensions.conf into it, then dialplan reload.`
      : included
        ? 'The dialplan includes consentry.conf.'
        : 'Whether the dialplan includes consentry.conf could not be found out.',
    lastCallAt
      ? `It handed the last call over at ${lastCallAt}.`
      : 'It has handed no call over yet: put Gosub(consentry,s,1) before the queue or agent.',
    report.promptsReadable === false
      ? `Not every user may read ${report.prompts}: see that the user of Asterisk may.`
      : `Prompts are in ${report.prompts}.`,
  ]
}
