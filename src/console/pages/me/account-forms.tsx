import type { BegunFactor } from '../../../accounts/replace-second-factor.js'
import type { Message } from '../../../core/message.js'
import { Confirmed } from '../parts/confirmed.js'
import { CodeField, PassphraseField, Wrong } from '../parts/fields.js'
import { QrCode } from '../parts/qr-code.js'
import type { Words } from '../words/words.js'
import { hasPasskey, type OwnFactors, PasskeyFailed } from './passkeys.js'

interface Form {
  words: Words
  /** The operation's refusal. */
  wrong?: Message | undefined
}

/** Proves the visitor's identity. `next`: the page that needs the proof; the browser returns to it. */
export const ProofForm = ({
  words,
  factors,
  wrong,
  next,
}: Form & { factors: OwnFactors; next?: string | undefined }) => {
  const { me, signIn, problem } = words
  return (
    <section class="sheet narrow">
      <h2>{me.confirm}</h2>
      <div class="stack">
        <p class="soft">{next ? me.confirmNext : me.confirmHint}</p>
        {factors.passphrase && (
          <form method="post" action="/me/proof" class="stack">
            <Wrong why={wrong && problem.inWords(wrong)} />
            {next && <input type="hidden" name="next" value={next} />}
            <PassphraseField id="passphrase" label={signIn.passphrase} />
            <CodeField id="code" label={signIn.code} hint={signIn.codeHint} recovery />
            <div>
              <button class="button main" type="submit">
                {me.confirmSubmit}
              </button>
            </div>
          </form>
        )}
        {hasPasskey(factors) && <PasskeyProof words={words} alone={!factors.passphrase} next={next} />}
      </div>
    </section>
  )
}

/** The script shows it if the browser has passkeys. `alone`: it is the only way. */
const PasskeyProof = ({ words, alone, next }: { words: Words; alone: boolean; next: string | undefined }) => (
  <>
    {alone && <noscript>{words.passkeys.noScript}</noscript>}
    <form method="post" action="/me/proof" class="stack" data-passkey="prove" hidden>
      {next && <input type="hidden" name="next" value={next} />}
      <PasskeyFailed words={words} />
      <div>
        <button class={alone ? 'button main' : 'button'} type="submit">
          {words.passkeys.confirm}
        </button>
      </div>
    </form>
  </>
)

/** Changes the passphrase. */
export const PassphraseForm = ({ words: { me, problem }, wrong }: Form) => (
  <section class="sheet narrow">
    <h2>{me.passphrase}</h2>
    <form method="post" action="/me/passphrase" class="stack">
      <Wrong why={wrong && problem.inWords(wrong)} />
      <PassphraseField id="present" label={me.present} />
      <PassphraseField id="wanted" label={me.wanted} hint={me.wantedHint} fresh />
      <div>
        <button class="button" type="submit">
          {me.change}
        </button>
      </div>
    </form>
  </section>
)

/** Leads to a new second factor. */
export const SecondFactorForm = ({ words: { me } }: Form) => (
  <section class="sheet narrow">
    <h2>{me.factor}</h2>
    <form method="post" action="/me/second-factor/begin" class="stack">
      <p class="soft">{me.factorHint}</p>
      <div>
        <button class="button" type="submit">
          {me.factorBegin}
        </button>
      </div>
    </form>
  </section>
)

/** Shows a new second factor, and takes its first code. */
export const NextFactor = ({
  words: { me, signIn, problem },
  begun,
  wrong,
}: Form & { begun: BegunFactor }) => (
  <form method="post" action="/me/second-factor" class="stack sheet narrow">
    <h1>{me.factorTitle}</h1>
    <p class="soft">{me.factorSteps}</p>
    <Wrong why={wrong && problem.inWords(wrong)} />
    <QrCode text={begun.uri.reveal()} label={signIn.invitation.qr} />
    <p class="soft">
      {signIn.invitation.scanHint} <code>{begun.totp.reveal()}</code>
    </p>
    <CodeField id="code" label={signIn.invitation.code} />
    <div class="row">
      <button class="button main" type="submit">
        {signIn.invitation.accept}
      </button>
      <a class="button" href="/me">
        {me.factorCancel}
      </a>
    </div>
  </form>
)

/** Makes new recovery codes. */
export const RecoveryCodesForm = ({ words, words: { me } }: Form) => (
  <section class="sheet narrow">
    <h2>{me.codes}</h2>
    <div class="stack">
      <p class="soft">{me.codesHint}</p>
      <Confirmed
        {...{ label: me.renew, deed: me.renewDo, action: '/me/recovery-codes', look: 'bare', words }}
      >
        <p>{me.renewAsks}</p>
      </Confirmed>
    </div>
  </section>
)
