// Makes a key pair. The secret half stays in this page: it goes into a file that the browser saves and onto a sheet that it prints. Only
// the public half is sent, once the sheet was read.
import { x25519 } from '@noble/curves/ed25519.js'
import { render } from 'preact'
import { useRef, useState } from 'preact/hooks'
import { identityJson } from '../../vault/crypto/key-json.js'
import { wordsOfSecret } from '../../vault/crypto/recovery-words.js'
import type { KeyData } from '../pages/setup/key-content.js'
import { Check } from './key/check.js'
import { fill } from './key/fill.js'
import { Sheet } from './key/sheet.js'
import { isLedToSignIn } from './led-to-sign-in.js'

/** A new key pair, and the values made from it. */
interface MadeKey {
  /** X25519, base64. */
  publicKey: string
  keys: string[]
  /** The content of identity.json. */
  file: string
  sheet: string[]
}

const element = document.getElementById('key')
if (element) {
  const data = JSON.parse(element.dataset['key'] ?? '') as KeyData
  element.replaceChildren()
  render(<KeyMaking {...data} />, element)
}

function KeyMaking(data: KeyData) {
  const { address, page, purposes, words } = data
  const [step, setStep] = useState<'begin' | 'keep' | 'check' | 'sending'>('begin')
  const [saved, setSaved] = useState(false)
  const [wrong, setWrong] = useState('')
  const made = useRef<MadeKey | undefined>(undefined)

  const begin = () => {
    made.current = makeKey(purposes)
    setStep('keep')
  }
  const save = () => {
    saveFile('identity.json', made.current!.file)
    setSaved(true)
  }
  const send = async () => {
    setStep('sending')
    setWrong('')
    try {
      const answer = await fetch(address, {
        ...{ method: 'POST', headers: { 'content-type': 'application/json' } },
        body: JSON.stringify({ purposes, publicKey: made.current!.publicKey }),
      })
      if (isLedToSignIn(answer)) return
      const { detail } = (await answer.json()) as { detail?: string }
      if (answer.ok) return location.assign(page)
      // Only a stale proof of identity is forbidden to those who see this page.
      setWrong(answer.status === 403 ? words.unproven : (detail ?? words.away))
    } catch {
      setWrong(words.away)
    }
    setStep('check')
  }

  if (step === 'begin') return <Begin {...data} onBegin={begin} />
  if (step === 'keep')
    return <Keep {...{ data, saved }} made={made.current!} onSave={save} onNext={() => setStep('check')} />
  return (
    <Check
      {...{ words, wrong }}
      sheet={made.current!.sheet}
      sending={step === 'sending'}
      onBack={() => setStep('keep')}
      onRight={() => void send()}
    />
  )
}

/** Saves the file of the key, and prints its sheet. */
function Keep({
  data,
  data: { words },
  made,
  saved,
  onSave,
  onNext,
}: {
  data: KeyData
  made: MadeKey
  saved: boolean
  onSave(): void
  onNext(): void
}) {
  return (
    <div class="stack">
      <div class="stack no-print">
        <h2>{words.keep}</h2>
        <ol class="todo">
          <li>{words.keepFile}</li>
          <li>{words.keepSheet}</li>
        </ol>
        <p class="row">
          <button class="button" type="button" onClick={onSave}>
            {words.save}
          </button>
          <button class="button" type="button" onClick={() => window.print()}>
            {words.print}
          </button>
          {saved && (
            <span class="soft" role="status">
              {words.saved}
            </span>
          )}
        </p>
      </div>
      <Sheet {...data} keys={made.keys} sheet={made.sheet} />
      <div class="no-print">
        <button class="button main" type="button" disabled={!saved} onClick={onNext}>
          {words.next}
        </button>
        {!saved && <p class="soft">{words.saveFirst}</p>}
      </div>
    </div>
  )
}

/** Says what a key is for, and makes one. */
function Begin({ purposes, labels, words, onBegin }: KeyData & { onBegin(): void }) {
  return (
    <div class="stack">
      <h2>{words.title}</h2>
      <p>{words.what}</p>
      {purposes.length > 1 && <p class="soft">{fill(words.several, labels.join(', '))}</p>}
      <div>
        <button class="button main" type="button" onClick={onBegin}>
          {words.make}
        </button>
      </div>
    </div>
  )
}

/** Makes a pair. The words of the sheet encode the secret key. */
function makeKey(purposes: readonly string[]): MadeKey {
  const { secretKey, publicKey } = x25519.keygen()
  const identities = purposes.map(purpose => identityJson(purpose, publicKey, secretKey))
  return {
    publicKey: identities[0]!.publicKey,
    keys: identities.map(({ keyId }) => keyId),
    file: `${JSON.stringify(identities, null, 2)}\n`,
    sheet: wordsOfSecret(secretKey),
  }
}

/** Lets the browser save a file. */
function saveFile(name: string, content: string): void {
  const address = URL.createObjectURL(new Blob([content], { type: 'application/json' }))
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  URL.revokeObjectURL(address)
}
