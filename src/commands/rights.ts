import { byOption } from './actor.js'
import { type Command, type Request, UsageError } from './command.js'
import { block, unblock } from './rights/block.js'
import { correct } from './rights/correct.js'
import { erase } from './rights/erase.js'
import { exportPerson } from './rights/export.js'
import { find } from './rights/find.js'
import { list, request as openOrClose } from './rights/requests.js'

/** Each takes the number, and nothing else but options. */
const OF_A_NUMBER: Record<string, (request: Request, number: string) => Promise<number>> = {
  find,
  export: exportPerson,
  block,
  unblock,
  correct,
  erase,
}

export const command: Command = {
  words:
    'find|export|block|unblock|correct|erase NUMBER … | request NUMBER --kind KIND --law LAW [--received DAY] | request close REQUEST --outcome TEXT | list   [--by NAME]',
  does: 'What a person may ask for: everything about a number; a copy of it (-o FILE.zip [--age RECIPIENT] [--purpose P]…); a block on play, export and purge; a corrected number (--to NUMBER); erasure. All but find, export and request need --reason. request starts the clock of the law (152-fz or gdpr) for access, correction, blocking or erasure; list shows which are open, and how long they have.',
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
  async run(request) {
    const [what = '', ...words] = request.words
    if (what === 'list' && words.length === 0) return list(request)
    if (what === 'request') return openOrClose(request, words)
    const act = Object.hasOwn(OF_A_NUMBER, what) ? OF_A_NUMBER[what] : undefined
    const [number, ...more] = words
    if (!act) throw new UsageError(`say what: ${Object.keys(OF_A_NUMBER).join(', ')}, request or list`)
    if (!number || more.length > 0) throw new UsageError('exactly one number is needed')
    return act(request, number)
  },
}
