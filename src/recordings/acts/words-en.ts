import { counted } from '../../lib/plural.js'
import type { ActWords } from './words.js'

export const en: ActWords = {
  form: 'Drawn up under the Requirements for confirming the destruction of personal data, approved by order No. 179 of Roskomnadzor of 28 October 2022',
  title: { act: number => `ACT No. ${number}`, what: 'of destruction of personal data' },
  place: 'Place',
  preamble: cause =>
    `This act confirms, in accordance with Article 21(7) of the Russian Federal Law No. 152-FZ of 27 July 2006 on Personal Data, and in accountability under Article 5(2) of Regulation (EU) 2016/679 (GDPR), that the personal data described below have been destroyed${
      cause === 'term'
        ? ' at the end of their storage period'
        : cause === 'withdrawal'
          ? ' after the data subject withdrew consent'
          : ' at the request of the data subject'
    }.`,
  operator: 'Operator (controller): name and address',
  taxId: 'Registration number',
  processor: 'Processor of the data on behalf of the operator',
  noProcessor: 'Nobody was entrusted with the processing',
  persons: 'Data subjects whose data have been destroyed',
  personsAre: (recordings, calls) =>
    `The callers listed in the annex to this act, each by telephone number (last digits), call identifier, date and time of the conversation. ${counted(calls, 'call', 'calls')}, ${counted(recordings, 'recording', 'recordings')}.`,
  categories: 'Categories of the destroyed personal data',
  voice: purposes =>
    `the caller's voice, and what the caller said in the conversation (audio recording). Recordings by purpose: ${purposes}`,
  key: 'the keys with which these recordings were encrypted',
  number: "the caller's telephone number",
  digits: 'the answers that the caller gave by pressing keys or by voice',
  medium: 'Physical medium, number of sheets',
  noMedium:
    'Not applicable: all processing was automated, and the media of the information system remain in use',
  system: 'Personal data information system',
  systemName: 'Consentry, a system for recording telephone conversations',
  method: 'Method of destruction',
  methods: [
    'the file with the encryption key of each recording was overwritten, synchronised to disk and deleted on every mirror of the key store; without its key neither a recording nor any copy of it, backups included, can be decrypted',
    'the encrypted file of each recording was then deleted from the store of recordings',
  ],
  lostMethods: [
    'none: neither the key nor the encrypted file of any of these recordings was found in a store of the system; they were lost before, and are entered as lost',
  ],
  reason: 'Reason for destruction',
  causes: {
    term: 'The purpose of processing has been achieved: the storage period of the recordings is over (Federal Law No. 152-FZ, Articles 5(7) and 21(4); GDPR, Article 5(1)(e))',
    withdrawal:
      'The data subject withdrew consent (Federal Law No. 152-FZ, Article 21(5); GDPR, Articles 7(3) and 17(1)(b))',
    erasure:
      'The data subject requested erasure (Federal Law No. 152-FZ, Article 14(1); GDPR, Article 17(1))',
  },
  stated: reason => `Stated at destruction: “${reason}”.`,
  date: 'Date of destruction',
  from: 'begun',
  to: 'completed',
  by: 'Person who destroyed the personal data',
  byService: 'Destroyed automatically by the information system, on its own schedule.',
  byStaff: name => `Destroyed by the information system at the command of the user ${name}.`,
  byCaller: 'Destroyed automatically by the information system as soon as the caller had withdrawn consent.',
  answerable: 'Signed by',
  position: 'position',
  signature: 'signature',
  name: 'full name',
  kept: day =>
    `This act and its annex are kept for three years, until ${day} (clause 8 of the Requirements).`,
  annex: {
    to: number => `ANNEX TO ACT No. ${number}`,
    what: 'Extract from the event journal of the personal data information system',
    intro: 'For every row below:',
    proof: file =>
      `The rows are taken from a journal that is added to and never changed. The same extract with the proof that each entry is in the journal is the file ${file}; consentry verify checks it against the public key of the journal, without access to the system.`,
  },
  log: 'Journal (name and public key)',
  columns: {
    person: 'Caller',
    called: 'Conversation',
    ids: 'Identifiers of call and recording',
    purpose: 'Purpose',
    destroyed: 'Date and time of destruction',
    event: 'Journal entry',
  },
  unknownPerson: 'number not known',
  purposes: {
    service: 'quality of service',
    marketing: 'marketing',
    training: 'staff training',
    consent: 'proof of consent',
  },
}
