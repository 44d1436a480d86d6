import type { Promised } from '../../../../lines/prompts/lost-promises.js'
import type { Words } from '../shape.js'

const PROMISED: Readonly<Record<Promised, string>> = {
  term: 'how long recordings are kept',
  withdrawal: 'the key of a withdrawal',
  mode: 'how to answer',
}

export const prompts = {
  title: 'Prompts',
  lead: 'What callers hear. A new version is a draft first: only you hear it before you publish it.',
  versions: 'Versions',
  states: {
    shipped: 'shipped',
    draft: 'draft',
    published: 'published',
    replaced: 'replaced',
    withdrawn: 'withdrawn',
  },
  heard: 'heard by callers',
  how: {
    shipped: 'shipped',
    speech: 'spoken by a voice',
    upload: 'from a file',
    browser: 'recorded in the browser',
    telephone: 'recorded by telephone',
  },
  loudness: lufs => `${lufs.toFixed(1).replace('-', '−')} LUFS`,
  begin: 'Begin a prompt',
  name: 'Name of the prompt',
  nameHint: 'Small Latin letters, words joined by hyphens. A line names it.',
  language: 'Language',
  like: 'Based on',
  likeHint: 'The new one begins with its words, for the same place in a line.',
  freshWords:
    'No version yet. The words are from the folder of the language: let a voice speak them, or record them.',
  unspoken: language => `${language}: not spoken yet`,
  fresh: like =>
    `No version yet. The words are those of ${like}: change them, then have a voice speak them, or record them.`,
  listen: version => `Hear version ${version} as over a telephone`,
  play: name => `Play ${name}`,
  stopPlaying: 'Stop',
  unusualLength: 'The length is unusual for these words. Listen: does it say what is written?',
  lost: (lost, former) =>
    `${former === undefined ? 'The version in force' : `Version ${former}`} names ${lost.map(one => PROMISED[one]).join(', ')}, and this one does not. Listen: do callers know what they agree to?`,
  publish: 'Publish',
  publishAgain: 'Publish again',
  publishAgainDo: version => `Publish version ${version} again`,
  publishAgainAsks: inForce =>
    `From their next call on, callers hear this version. This can be undone: ${inForce === 0 ? 'withdraw it' : `publish version ${inForce} again`}.`,
  discard: 'Discard',
  discardDo: 'Discard the draft',
  discardAsks:
    'The version is no longer a draft; nothing changes for callers. This can be undone: it stays in the list and can still be published.',
  discarded: 'discarded',
  withdraw: 'Withdraw',
  withdrawDo: 'Withdraw the version',
  withdrawAsks: shipped =>
    `${shipped ? 'From their next call on, callers hear the shipped prompt again.' : 'The prompt no longer exists then. This is refused while a line uses it.'} This can be undone: publish the version again.`,
  where: 'Where it is heard',
  nowhere: 'Not used on any line.',
  draft: line => `draft of line ${line}`,
  wordsForIt: 'make words for it',
  lastHeard: 'Last time:',
  say: 'Let a voice speak it',
  template: 'Words',
  templateHint:
    'What is in braces is filled in: {company}, {days} the term, {yes} and {no} the keys, {withdraw} the withdrawal, {key} the key of the language.',
  sayFor: 'Whose keys and terms it says',
  asLine: line => `as line ${line} says it`,
  asDraft: line => `as the draft of line ${line} says it`,
  forLine: (line, draft) =>
    draft
      ? `These words are for the draft of line ${line}. Publish them, then choose this prompt in the draft.`
      : `These words are for line ${line}.`,
  alsoOnLines: 'Other lines say this prompt, too. For this line alone:',
  beginOwn: name => `Begin ${name}`,
  backTo: (line, draft) => (draft ? `Back to the draft of line ${line}` : `Back to line ${line}`),
  voice: 'Voice',
  noVoice:
    'This host has no voice for this language. Install one, for example the package espeak-ng, flite or festival.',
  make: 'Speak',
  noCompany: 'The words name the company, which has no name yet.',
  nameCompany: 'Name the company',
  record: 'Record or upload',
  recordHint: version =>
    `The words of version ${version} stay. WAV, MP3, OGG, M4A or FLAC, up to 10 MB and 60 seconds.`,
  recordHintNew:
    'The words are those above, under “Words”. WAV, MP3, OGG, M4A or FLAC, up to 10 MB and 60 seconds.',
  byPhone: 'Speak it by telephone',
  phoneRings: endpoint =>
    `Ringing ${endpoint}. Answer, and speak after the tone. Once you have kept it, reload this page.`,
  phoneHint: version =>
    `The words of version ${version} stay. When you have finished, press hash: you hear the recording, and keep it or speak again.`,
  noScript: 'To record or upload a prompt here, allow scripts in the browser.',
  madeToApprove: version => `Version ${version} is saved as a draft. Listen to it, then ask for approval.`,
  proposed: (step, version, inForce) =>
    step === 'withdraw'
      ? `Version ${version} is to be withdrawn.`
      : `Version ${version} is to be published${inForce === 0 ? '' : ` in place of version ${inForce}`}.`,
  proposalOutdated:
    'The prompt has changed since this was proposed. Withdraw the proposal, or propose again: that replaces it.',
  approve: step => (step === 'withdraw' ? 'Approve and withdraw' : 'Approve and publish'),
  approvalHint:
    'Changing what callers hear takes two people: somebody approves it who has neither made nor proposed it.',
  withdrawProposalAsks:
    'The proposal can no longer be approved. Callers hear the same as before. This cannot be undone: the change has to be proposed again.',
  waiting: 'Prompts that await approval',
  made: version => `Version ${version} is saved as a draft. Listen to it, then publish it.`,
  recorder: {
    record: 'Record by microphone',
    stop: 'Stop and save',
    file: 'File with sound',
    sending: 'Uploading…',
    checking: 'Uploaded. Checking and converting the sound…',
    noMicrophone: 'There is no microphone: allow it for this page, or upload a file.',
    level: 'Level',
    away: 'The console does not answer. Try again.',
  },
} satisfies Words['prompts']
