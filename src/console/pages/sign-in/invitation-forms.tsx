import type { BegunAcceptance } from '../../../accounts/invitations.js'
import { PasskeysElsewhere } from '../me/passkeys.js'
import { CopyButton } from '../parts/copy-button.js'
import { PassphraseField, TextField, Wrong } from '../parts/fields.js'
import { QrCode } from '../parts/qr-code.js'
import type { Words } from '../words/words.js'
import { PasskeyAccept } from './passkey-forms.js'

/** The page behind the link. The script sends what follows `#`, because a browser does not. */
export const LinkForm = ({
  words: { signIn },
  wrong,
  secret,
}: {
  words: Words
  wrong?: string | undefined
  /** What follows `#`, if known. */
  secret?: string | undefined
}) => (
  <form method="post" action="/invitation" class="stack sheet" id="invitation">
    <h1>{signIn.invitation.title}</h1>
    <Wrong why={wrong} />
    <p class="soft">{signIn.invitation.lead}</p>
    <TextField
      id="secret"
      label={signIn.invitation.secret}
      input={{ required: true, autocomplete: 'off', value: secret }}
    />
    <button class="button main" type="submit">
      {signIn.invitation.open}
    </button>
  </form>
)

/** Contents of the form for passphrase and second factor. */
export interface AcceptFormProps {
  words: Words
  /** The secret of the link. */
  secret: string
  begun: Pick<BegunAcceptance, 'name' | 'uri' | 'totp' | 'optional'>
  wrong?: string | undefined
}

/**
 * The choice of an invited person: passphrase and second factor, or a passkey.
 *
 * @param passkeys the origin of passkeys; undefined: the console cannot have any
 */
export const Accepting = ({ passkeys, ...form }: AcceptFormProps & { passkeys: string | undefined }) => (
  <>
    <AcceptForm {...form} />
    {passkeys && <PasskeysElsewhere origin={passkeys} words={form.words} />}
    {passkeys && <PasskeyAccept words={form.words} secret={form.secret} />}
  </>
)

/** Passphrase and second factor of an invited person. */
const AcceptForm = ({ words, secret, begun, wrong }: AcceptFormProps) => {
  const { invitation } = words.signIn
  return (
    <form method="post" action="/invitation/accept" class="stack sheet">
      <h1>{invitation.welcome(begun.name)}</h1>
      <p class="soft">{invitation.ways}</p>
      <Wrong why={wrong} />
      <input type="hidden" name="secret" value={secret} />
      <input type="hidden" name="totp" value={begun.totp.reveal()} />
      <input type="hidden" name="name" value={begun.name} autocomplete="username" />
      <PassphraseField id="passphrase" label={invitation.choose} hint={invitation.chooseHint} fresh />
      <PassphraseField id="repeat" label={invitation.repeat} fresh />
      <h2>{invitation.scan}</h2>
      <QrCode text={begun.uri.reveal()} label={invitation.qr} />
      <p class="soft">
        {invitation.scanHint} <code>{begun.totp.reveal()}</code>
      </p>
      <TextField
        id="code"
        label={invitation.code}
        hint={begun.optional ? invitation.optional : undefined}
        input={{
          ...({ inputMode: 'numeric', autocomplete: 'one-time-code' } as const),
          ...{ required: !begun.optional, maxLength: 12 },
        }}
      />
      <button class="button main" type="submit">
        {invitation.accept}
      </button>
    </form>
  )
}

/** The title of the page that follows an accepted invitation: the second factor may have been left out, with its codes. */
export const recoveryCodesTitle = (codes: readonly string[], { signIn: { invitation } }: Words): string =>
  codes.length > 0 ? invitation.codes : invitation.done

/** The codes, which are shown only once. `next`: the page that follows. */
export const RecoveryCodes = ({
  words,
  codes,
  next = 'now',
  hint = words.signIn.invitation.codesHint,
}: {
  words: Words
  codes: readonly string[]
  next?: Next
  /** The purpose of the codes. */
  hint?: string | undefined
}) => {
  const { invitation } = words.signIn
  return (
    <section class="stack sheet">
      <h1>{recoveryCodesTitle(codes, words)}</h1>
      {codes.length > 0 && (
        <>
          <p class="soft">{hint}</p>
          <ol class="codes" id="codes">
            {codes.map(code => (
              <li key={code}>
                <code>{code}</code>
              </li>
            ))}
          </ol>
        </>
      )}
      <div class="row no-print">
        <a class="button main" href={NEXT[next]}>
          {codes.length > 0 ? invitation.kept : invitation.goOn}
        </a>
        {codes.length > 0 && <CopyButton of="codes" words={words} />}
      </div>
    </section>
  )
}

/** The page that follows the recovery codes. */
const NEXT = { now: '/now', company: '/setup/company', key: '/setup/key', me: '/me' }

type Next = keyof typeof NEXT
