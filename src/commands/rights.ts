import { byOption } from './actor.js'
import type { Command } from './command.js'
import { nested } from './nested.js'
import { block, unblock } from './rights/block.js'
import { correct } from './rights/correct.js'
import { destroy } from './rights/destroy.js'
import { erase } from './rights/erase.js'
import { exportPerson } from './rights/export.js'
import { find } from './rights/find.js'
import { closeRequest, list, openRequest } from './rights/requests.js'

export const command: Command = {
  summary: 'Answers what a person may ask for',
  details:
    'Everything about a number, a copy of it, a block on play, export and purge, a corrected number, erasure. destroy destroys one recording for somebody who is heard in it. request starts the clock of the law for access, correction, blocking or erasure; list shows which requests are open, who withdrew and is still heard in recordings of others, and how long they have (docs/rights.md).',
  example: 'rights export +74951234567 -o copy.zip',
  options: {
    reason: { type: 'string' },
    out: { type: 'string', short: 'o' },
    age: { type: 'string', multiple: true },
    purpose: { type: 'string', multiple: true },
    to: { type: 'string' },
    kind: { type: 'string' },
    law: { type: 'string' },
    received: { type: 'string' },
    outcome: { type: 'string' },
    ...byOption,
  },
  ...nested({
    find: {
      does: "Finds everything about a caller's number, the recordings of others in which that caller is heard, and who listened",
      usage: 'NUMBER [--by NAME]',
      run: find,
    },
    export: {
      does: 'Writes a copy of it as a ZIP. --age: encrypted for the caller',
      usage: 'NUMBER -o FILE.zip [--age RECIPIENT]… [--purpose P]… [--reason TEXT] [--by NAME]',
      run: exportPerson,
    },
    block: {
      does: 'Blocks play, export and purge of what is kept of a number',
      usage: 'NUMBER --reason TEXT [--by NAME]',
      run: block,
    },
    unblock: { does: 'Ends that', usage: 'NUMBER --reason TEXT [--by NAME]', run: unblock },
    correct: {
      does: 'Corrects a number',
      usage: 'NUMBER --to NUMBER --reason TEXT [--by NAME]',
      run: correct,
    },
    erase: { does: 'Erases what is kept of a number', usage: 'NUMBER --reason TEXT [--by NAME]', run: erase },
    destroy: {
      does: 'Destroys one recording for somebody who is heard in it',
      usage: 'RECORDING --reason TEXT [--by NAME]',
      run: destroy,
    },
    request: {
      does: 'Opens a request: the deadline of the law begins',
      usage: 'NUMBER --kind KIND --law 152-fz|gdpr [--received DAY] [--by NAME]',
      run: openRequest,
    },
    'request close': {
      does: 'Closes a request',
      usage: 'REQUEST --outcome TEXT [--by NAME]',
      run: closeRequest,
    },
    list: {
      does: 'Lists open requests with their deadlines, and who withdrew and is still heard in recordings of others',
      usage: '',
      run: list,
    },
  }),
}
