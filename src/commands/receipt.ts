import { writeOutput } from '../files/output-file.js'
import { makeReceipt } from '../receipt/make-receipt.js'
import { type Receipt, renderDocument } from '../receipt/receipt.js'
import { vconOf } from '../receipt/vcon.js'
import { counted } from '../shared/plural.js'
import { type Command, oneWord, printWritten, text } from './command.js'
import { coloured } from './timeline-text.js'
import { withProject } from './with-project.js'

export const command: Command = {
  summary: 'Writes the consent receipt of one call',
  details:
    'Anybody with the public key of the log can verify it (docs/receipt.md). --vcon writes it as an IETF vCon.',
  usage: ['CALL [-o FILE] [--without-personal] [--vcon]'],
  example: 'receipt 0b7f2c52-6b0e-4f0e-9a39-1f2a6ad6cb55 -o receipt.json',
  options: {
    out: { type: 'string', short: 'o' },
    'without-personal': { type: 'boolean' },
    vcon: { type: 'boolean' },
  },
  async run(request) {
    const call = oneWord(request, 'call id')
    const receipt = await withProject(({ config, db }) =>
      makeReceipt(db, call, {
        log: config.log.dir,
        personal: request.options['without-personal'] !== true,
        witnesses: config.log.witness ? [config.log.witness.key] : [],
      }),
    )
    const document = request.options['vcon'] ? vconOf(receipt, new Date().toISOString()) : receipt
    const out = text(request, 'out')
    if (out === undefined) process.stdout.write(renderDocument(document))
    else {
      await writeOutput(out, output => output.write([renderDocument(document)]), 'kept')
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

const said = (file: string, { statement, events, key }: Receipt) =>
  `${file}: call ${statement.call}, ${coloured(statement.decision)}, ${counted(events.length, 'event with its proof', 'events with their proofs')}
To verify it anywhere: consentry verify ${file} --key '${key}'
`
