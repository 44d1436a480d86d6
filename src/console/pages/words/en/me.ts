import type { Words } from '../shape.js'

export const me = {
  title: 'Me',
  view: 'How pages look',
  language: 'Language',
  asBrowser: 'as the browser',
  theme: 'Theme',
  themes: { system: 'same as the system', light: 'light', dark: 'dark' },
  zone: 'Time zone',
  save: 'Save',
  sessions: 'Where you are signed in',
  address: 'Address',
  signedIn: 'Signed in',
  seen: 'Last request',
  end: 'End',
  thisOne: 'this browser',
  signOut: 'Sign out',
  passphrase: 'Passphrase',
  present: 'Current passphrase',
  wanted: 'New passphrase',
  wantedHint: '12 to 256 characters. All other sessions end.',
  change: 'Change',
  confirm: 'Confirm that it is you',
  confirmHint:
    'Before you change your passphrase, second factor, passkeys or recovery codes, or end another session. It holds for 5 minutes.',
  confirmNext:
    'Nothing has been changed yet: this needs a fresh confirmation, because somebody else could be at your open browser. It holds for 5 minutes. Then you are back on the page, and do it again.',
  confirmFirst: 'Changing this needs a fresh confirmation that it is you.',
  confirmSubmit: 'Confirm',
  factor: 'Second factor',
  factorHint: 'A new phone? The current one counts until the new one is confirmed.',
  factorBegin: 'Replace',
  factorTitle: 'New second factor',
  factorSteps:
    'Add it to your app and type its first code. All other sessions end. Your recovery codes stay.',
  factorCancel: 'Keep the current one',
  codes: 'Recovery codes',
  codesHint: 'New codes replace the old ones, which are void then.',
  renew: 'Make new codes',
  renewDo: 'Replace the codes',
  renewAsks:
    'The current codes are void at once, including those that you have printed. This cannot be undone. The new ones are shown once.',
} satisfies Words['me']
