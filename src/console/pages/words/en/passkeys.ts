import { counted } from '../../../../lib/plural.js'
import type { Words } from '../shape.js'

export const passkeys = {
  title: 'Passkeys',
  lead: 'A passkey is kept by your phone, computer or security key. You sign in with a finger, your face or a PIN, without passphrase and code.',
  unnamed:
    'Passkeys work only where the console has a name, and not an address alone. This setting gives it one:',
  elsewhere:
    'Passkeys work only at another address of this console. To use one, open the console, or the same link, at',
  noScript: 'To use passkeys, switch scripts on in the browser.',
  name: 'Name of the passkey',
  nameHint: 'For example, “work laptop”.',
  add: 'Add a passkey',
  made: 'Added',
  used: 'Last used',
  unused: 'Not used yet',
  remove: 'Remove',
  removeDo: name => `Remove “${name}”`,
  removeAsks:
    'You can no longer sign in with it, even on devices that still offer it. This cannot be undone: to use it again, you have to add a new one.',
  confirm: 'Confirm with a passkey',
  failed:
    'That did not work. Try again or sign in another way: it may be a different passkey, have expired, or be disabled.',
  signIn: 'Sign in with a passkey',
  signInHint: 'Or with one touch, without passphrase and code:',
  instead: 'Or a passkey',
  insteadHint: 'In place of passphrase and code: a finger, your face or the PIN of this device.',
  codesHint:
    'If the passkey is lost, sign in with your name and one of these codes, without a passphrase. Each counts once. They are shown only now: print them or write them down.',
  by: 'Signs in by',
  byPassphrase: 'passphrase',
  byPassphraseAndCode: 'passphrase and code',
  byKeys: count => counted(count, 'passkey', 'passkeys'),
  byNothing: 'nothing yet',
  alone:
    'You have no passphrase: you sign in with a passkey. A second one on another device helps if the first is lost.',
} satisfies Words['passkeys']
