import type { Words } from '../shape.js'

export const signIn = {
  title: 'Sign in',
  name: 'Name',
  passphrase: 'Passphrase',
  code: 'Code from the app',
  codeHint: 'Six digits. Without your phone, type a recovery code.',
  submit: 'Sign in',
  wrong:
    'Name, passphrase or code is wrong. A code counts once: wait for the next one. An administrator can reset an account.',
  ended:
    'Your session has ended. What you had not saved is lost. After signing in you are back on the page where you were.',
  limited: seconds => `Too many attempts. Try again in ${seconds} s.`,
  busy: 'Too many people are signing in at once. Try again in a few seconds.',
  firstHint: 'The command on this host adds the first person:',
  invitation: {
    title: 'Invitation',
    lead: 'Open the whole link, as it was sent to you. If this page does not move on, paste what follows # in the link.',
    secret: 'What follows # in the link',
    open: 'Open',
    invalid:
      'This link is not valid: it was used, replaced, or is older than 7 days. Ask an administrator for a new one.',
    openedAgain:
      'This link was opened again since, in another window or by somebody else. Open it here again: you get a new code to scan. If it was not you, tell your administrator.',
    welcome: name => `Welcome, ${name}`,
    ways: 'Set how you sign in: a passphrase and a second factor.',
    choose: 'Choose a passphrase',
    chooseHint: '12 to 256 characters. Several words that nobody guesses are best.',
    repeat: 'Again',
    different: 'The two passphrases differ.',
    scan: 'Add the second factor',
    scanHint: 'Scan the code with an authenticator app, or type the secret:',
    qr: 'QR code for the app',
    code: 'The code that the app shows',
    optional: 'The second factor may be left out: leave the code empty.',
    accept: 'Save',
    done: 'Done',
    codes: 'Recovery codes',
    codesHint:
      'Each stands in for a code of the app, once. They are shown only now: print them or write them down, and keep them safe.',
    goOn: 'Continue',
    kept: 'I have kept these codes',
    toSignIn: 'Go to sign-in',
  },
} satisfies Words['signIn']
