import { writeOutput } from '../lib/files/output-file.js'
import { counted } from '../lib/plural.js'
import { issueReceipt, type Receipt } from '../receipts/call-receipt.js'
import { type Command, oneWord, printWritten, text } from './command.js'
import { coloured } from './timeline-text.js'
import { withProject } from './with-project.js'

export const command: Command = {
  summary: 'Writes the consent receipt of one call',
  details:
    'Anybody with the public key of the log can verify it (docs/formats.md). --vcon writes it as an IETF vCon.',
  usage: ['CALL [-o FILE] [--without-personal] [--vcon]'],
  example: 'receipt 0b7f2c52-6b0e-4f0e-9a39-1f2a6ad6cb55 -o receipt.json',
  options: {
    out: { type: 'string', short: 'o' },
    'without-personal': { type: 'boolean' },
    vcon: { type: 'boolean' },
  },
  async run(request) {
    const call = oneWord(request, 'call id')
    const personal = request.options['without-personal'] !== true
    const vcon = request.options['vcon'] === true
    const { receipt, document } = await withProject(project =>
      issueReceipt(project, { call, personal, vcon }),
    )
    const out = text(request, 'out')
    if (out === undefined) process.stdout.write(document)
    else {
      await writeOutput(out, output => output.write([document]), 'kept')
      printWritten(request, out, { document: summary(out, receipt), words: said(out, receipt) })
    }
    return 0
  },
}

const summary = (file: string, { statement, events, key }: Receipt) => ({
  file,
  call: statement.call,
  decision: statement.decision,
  events: events.length,
  key,
})

const said = (file: string, { statement, events, key, witnesses }: Receipt) =>
  `${file}: call ${statement.call}, ${coloured(statement.decision)}, ${counted(events.length, 'event with its proof', 'events with their proofs')}
To verify it anywhere: consentry verify ${file} ${[key, ...witnesses].map(one => `--key '${one}'`).join(' ')}
`
