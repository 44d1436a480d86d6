import type { Receipt, ReceiptEvent } from './receipt.js'

/** One event's proof as C2SP tlog-proof, which other tools read; its extra data is the leaf. */
export const tlogProof = ({ checkpoint }: Receipt, { index, leaf, path }: ReceiptEvent): string =>
  [
    'c2sp.org/tlog-proof@v1',
    `extra ${Buffer.from(leaf).toString('base64')}`,
    `index ${index}`,
    ...path,
    '',
    checkpoint,
  ].join('\n')
