import type { steps as ru } from '../ru/setup-steps.js'

export const steps = {
  steps: {
    label: 'Setting up',
    company: 'Company',
    you: 'You',
    key: 'Who can hear',
    pbx: 'PBX',
    line: 'Line',
    phone: 'Phone',
    done: 'done',
    of: (step: number, count: number): string => `Step ${step} of ${count}`,
  },
  company: {
    title: 'Company',
    lead: 'The prompts that callers hear say this name. It can be changed at any time.',
    name: 'Name of the company',
    change: 'Change',
    nameHint: 'As callers know it.',
    language: 'Language of most callers',
    byDefault: 'For now, the name is that of CONSENTRY_OPERATOR.',
    allSay: (name: string, language: string): string => `All ${language} prompts say “${name}”.`,
    old: 'These prompts say another name',
    says: (name: string | null): string => (name === null ? 'the example company' : `“${name}”`),
    noVoice:
      'There is no voice of this language on this machine, so these are left out. Open each of them, and record it yourself.',
    voice: (voice: string): string => `Spoken by the voice ${voice}.`,
    speaking: (spoken: number, all: number): string =>
      `These prompts are being spoken and published now: ${spoken} of ${all} are done. This page updates by itself.`,
    hinders:
      'This draft cannot be published yet: its callers would hear the company of the shipped prompts, which is an example.',
    hindersDo: 'Name the company, and have its prompts spoken',
    trial: 'Trial',
    noTrial:
      'A line does not come into force while its prompts name the example company. If this is a trial that real callers do not reach, say so.',
    isTrial: 'This is a trial: lines come into force even if their prompts name the example company.',
    sayTrial: 'This is a trial',
    endTrial: 'End the trial',
    speak: 'Speak and publish at once',
    speakAndAsk: 'Speak and ask for approval',
    speakToApprove:
      'The voices speak these prompts with the new name, each as a draft. Callers hear them once another administrator has listened and approved them.',
    speakHint:
      'This publishes them unheard: the voices speak these prompts with the new name, and the very next callers hear them. To hear one first, open it above, let the voice speak it there, listen, and publish it.',
  },
  you: { title: 'You', lead: '' },
  key: {
    title: 'Who can hear',
    lead: 'Recordings are encrypted with the public half of a key. Only the secret half opens them, and the server does not have it.',
    present: 'Who opens recordings',
    holders: (keys: readonly string[]): string => `whoever has the key ${keys.join(' or ')}`,
    none: 'nobody yet, so nothing is recorded for this purpose',
    done: 'The key is in force. The service encrypts with it from the next call on; it needs no restart.',
    bySetting: (purposes: string): string =>
      `CONSENTRY_RECIPIENTS names the keys. Add one for ${purposes} to its file, and restart the service.`,
    extend: (purposes: string): string => `A key for further purposes: ${purposes}`,
    extendHint:
      'Whoever has the chosen key can hear them, too. The console adds no other key: that is for whoever runs the server.',
    extendKey: 'Key',
    extendDo: 'Let it open these, too',
    extendFile: 'Then the owner of the key makes the file again, once, from the recovery sheet:',
    noScript:
      'The browser makes the key, for which it needs scripts. Without them, make it with the command below.',
    other: 'Somebody else will hear',
    otherMake: 'Whoever will hear runs this on their own machine:',
    otherSend:
      'They send the file recipients.json, by mail if they like: it opens nothing. They give identity.json to nobody.',
    otherSet: 'On this server, put recipients.json in its place, name it, and restart the service:',
    drawing: {
      title: 'I will hear',
      what: 'The key is made in this browser. You save it as a file and print a recovery sheet. Only the public half is sent to the server.',
      several:
        'One key opens the recordings of all these purposes: {0}. If different people hear them, make keys with the command, one for each purpose.',
      make: 'Make the key',
      keep: 'Keep the key twice',
      keepFile:
        'The file identity.json: the command consentry opens recordings with it. Do not keep it on this server.',
      keepSheet:
        'The recovery sheet: it makes the file again if that is lost. Print it, or copy the words by hand.',
      save: 'Save the file',
      print: 'Print the sheet',
      saved: 'See that the browser has saved the file.',
      saveFirst: 'Save the file first.',
      next: 'I have the sheet',
      sheet: 'Recovery sheet',
      qr: 'QR code of the words on this sheet',
      opens: 'These words open recordings with the keys {0}.',
      keepSafe:
        'Keep this sheet like a contract: in a safe, not in a phone and not on the server. Whoever finds it and reaches the stores hears the recordings. Whoever loses both sheet and file hears nothing.',
      restore: 'To get the file again, type the words into the command:',
      check: 'Check the sheet',
      checkLead: 'Type two words of the sheet.',
      word: 'Word {0}',
      differs: 'The sheet says something else. Look again: the words have numbers.',
      use: 'Use this key',
      back: 'Show the sheet again',
      unproven:
        'This needs a fresh confirmation: confirm in another tab, on the page Me, that it is you. The key is still on this page: leave it open, and try again.',
      away: 'The console does not answer. The key is still on this page: leave it open, and try again.',
    },
  },
  pbx: {
    title: 'PBX',
    lead: 'What the service found at your PBX.',
    serviceAway:
      'The service does not answer, so nothing is known of the PBX. Start consentry serve, and open this page again.',
    heard: (version: string, url: string): string => `Asterisk ${version} answers at ${url}.`,
    away: 'The PBX does not answer.',
    awayDo: (url: string): string =>
      `The service looks for it at ${url}. Set ARI_URL, ARI_USERNAME and ARI_PASSWORD as in http.conf and ari.conf of your PBX, and restart the service. The password is not typed here, and the database does not have it.`,
    registered: (app: string): string => `The ARI application ${app} is registered.`,
    unregistered: (app: string): string =>
      `The PBX does not know the ARI application ${app}. Restart the service; ARI_APP names it.`,
    included: 'The dialplan has consentry.conf.',
    notIncluded: 'The dialplan does not have consentry.conf.',
    unsure: 'Whether the dialplan has consentry.conf could not be found out.',
    handedOver: 'The dialplan hands calls over. The last one:',
    noCall: 'The dialplan has handed no call over yet.',
    promptsReadable: 'Every user of this machine can read the prompts, so Asterisk can.',
    promptsUnsure: (folder: string): string =>
      `See that the user of Asterisk can read the folder ${folder}, and can enter all folders above it.`,
    paste: 'What to paste into extensions.conf',
    pasteInclude: (entry: string): string =>
      `Once, at the beginning of the file, after ${entry} was copied beside it as consentry-extensions.conf. consentry setup does both.`,
    pasteGosub: 'In your dialplan, before the queue or agent (number and queue are yours):',
    reload: 'Then reload the dialplan:',
    again: 'Check again',
  },
  line: {
    title: 'Line',
    lead: 'A line is a number that callers dial. It has a language, and purposes for which they are asked.',
    present: 'There are already:',
    language: 'Language of the line',
    example: '100',
    noneRang:
      'No number without a line has rung yet. If you call one through a dialplan with Consentry, it appears here.',
  },
  phone: {
    title: 'Your phone',
    lead: 'Hear the line as a caller will, then publish it.',
    noDraft: 'There is no draft of a line.',
    hears: (line: string): string => `The draft of line ${line}`,
    look: 'See and change the words',
    noPhone:
      'The console rings only phones that CONSENTRY_RING_ENDPOINTS names, and it names none yet. Whoever runs the server adds one, such as PJSIP/anna, and restarts the service. You can also publish the line first and call it.',
    published: (line: string): string =>
      `Line ${line} is in force. Call it, and the call appears on the first page.`,
    publish: (line: string): string =>
      `Once it sounds right, publish the draft: line ${line} is in force from the next call on.`,
  },
} satisfies typeof ru
