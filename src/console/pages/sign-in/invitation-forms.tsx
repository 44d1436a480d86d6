import type { BegunAcceptance } from '../../../operations/people/accept-invitation.js'
import { Icon } from '../parts/icon.js'
import { QrCode } from '../parts/qr-code.js'
import type { Words } from '../words/words.js'

/** Where the link leads. The script sends on what follows `#`, which a browser sends to nobody. */
export const LinkForm = ({ words: { signIn }, wrong }: { words: Words; wrong?: string | undefined }) => (
  <form method="post" action="/invitation" class="stack sheet" id="invitation">
    <h1>{signIn.invitation.title}</h1>
    {wrong && (
      <p class="note wrong" role="alert">
        <Icon name="warn" />
        <span>{wrong}</span>
      </p>
    )}
    <p class="soft">{signIn.invitation.lead}</p>
    <div class="field">
      <label for="secret">{signIn.invitation.secret}</label>
      <input id="secret" name="secret" required autocomplete="off" />
    </div>
    <button class="button main" type="submit">
      {signIn.invitation.open}
    </button>
  </form>
)

/** What the form for passphrase and second factor shows. */
export interface AcceptFormProps {
  words: Words
  /** The secret of the link. */
  secret: string
  begun: Pick<BegunAcceptance, 'name' | 'uri' | 'totp' | 'optional'>
  wrong?: string | undefined
}

/** Passphrase and second factor of an invited person. */
export const AcceptForm = ({ words, secret, begun, wrong }: AcceptFormProps) => {
  const { invitation } = words.signIn
  return (
    <form method="post" action="/invitation/accept" class="stack sheet">
      <h1>{invitation.welcome(begun.name)}</h1>
      <p class="soft">{invitation.steps}</p>
      {wrong && (
        <p class="note wrong" role="alert">
          <Icon name="warn" />
          <span>{wrong}</span>
        </p>
      )}
      <input type="hidden" name="secret" value={secret} />
      <input type="hidden" name="totp" value={begun.totp.reveal()} />
      <input type="hidden" name="name" value={begun.name} autocomplete="username" />
      <div class="field">
        <label for="passphrase">{invitation.choose}</label>
        <input
          id="passphrase"
          name="passphrase"
          type="password"
          autocomplete="new-password"
          required
          minLength={12}
          maxLength={256}
          aria-describedby="passphrase-hint"
        />
        <small class="faint" id="passphrase-hint">
          {invitation.chooseHint}
        </small>
      </div>
      <div class="field">
        <label for="repeat">{invitation.repeat}</label>
        <input
          id="repeat"
          name="repeat"
          type="password"
          autocomplete="new-password"
          required
          maxLength={256}
        />
      </div>
      <h2>{invitation.scan}</h2>
      <QrCode text={begun.uri.reveal()} label={invitation.qr} />
      <p class="soft">
        {invitation.scanHint} <code>{begun.totp.reveal()}</code>
      </p>
      <div class="field">
        <label for="code">{invitation.code}</label>
        <input
          id="code"
          name="code"
          inputMode="numeric"
          autocomplete="one-time-code"
          required={!begun.optional}
          maxLength={12}
          aria-describedby={begun.optional ? 'code-hint' : undefined}
        />
        {begun.optional && (
          <small class="faint" id="code-hint">
            {invitation.optional}
          </small>
        )}
      </div>
      <button class="button main" type="submit">
        {invitation.accept}
      </button>
    </form>
  )
}

/** The codes, which nobody sees again. */
export const RecoveryCodes = ({ words, codes }: { words: Words; codes: readonly string[] }) => {
  const { invitation } = words.signIn
  return (
    <section class="stack sheet">
      <h1>{invitation.done}</h1>
      {codes.length > 0 && (
        <>
          <h2>{invitation.codes}</h2>
          <p class="soft">{invitation.codesHint}</p>
          <ol class="codes">
            {codes.map(code => (
              <li key={code}>
                <code>{code}</code>
              </li>
            ))}
          </ol>
        </>
      )}
      <p class="no-print">
        <a class="button main" href="/sign-in">
          {invitation.toSignIn}
        </a>
      </p>
    </section>
  )
}
