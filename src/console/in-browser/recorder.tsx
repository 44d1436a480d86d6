// Records a prompt by the microphone, or takes a file, and sends it to the API.
import { render } from 'preact'
import { useRef, useState } from 'preact/hooks'
import type { RecorderData } from '../pages/prompts/make-forms.js'
import { isLedToSignIn } from './led-to-sign-in.js'
import { upload } from './upload.js'
import { encodeWav } from './wav.js'

/** Longest recording, ms. The API takes 60 s, and the last block may come late. */
const LONGEST_MS = 58_000

const element = document.getElementById('recorder')
if (element) {
  const data = JSON.parse(element.dataset['recorder'] ?? '') as RecorderData
  element.replaceChildren()
  render(<Recorder {...data} />, element)
}

/** A recording in progress. */
interface Running {
  stop(): Promise<void>
}

/** The text of a field of the page, as part of a query. */
const templateIn = (id: string | undefined): string => {
  const field = id && document.getElementById(id)
  return field instanceof HTMLTextAreaElement ? `&template=${encodeURIComponent(field.value)}` : ''
}

function Recorder({ address, template, page, sayFor, words }: RecorderData) {
  const [state, setState] = useState<'idle' | 'asking' | 'recording' | 'sending'>('idle')
  const [wrong, setWrong] = useState('')
  const [level, setLevel] = useState(0)
  const [sent, setSent] = useState(0)
  const [line, setLine] = useState(sayFor.chosen)
  const running = useRef<Running | undefined>(undefined)

  const send = async (sound: Blob, how: 'upload' | 'browser', type: string) => {
    setState('sending')
    setSent(0)
    setWrong('')
    try {
      const said = `${line && `&line=${encodeURIComponent(line)}`}${templateIn(template)}`
      const answer = await upload(`${address}&how=${how}${said}`, { sound, type, onSent: setSent })
      if (isLedToSignIn(answer)) return
      const { detail, prompt } = (await answer.json()) as { detail?: string; prompt?: { version: number } }
      if (prompt) return location.assign(`${page}${page.includes('?') ? '&' : '?'}made=${prompt.version}`)
      setWrong(detail ?? words.away)
    } catch {
      setWrong(words.away)
    }
    setState('idle')
  }
  const record = async () => {
    setWrong('')
    setState('asking')
    try {
      running.current = await startRecording(setLevel, sound => send(sound, 'browser', 'audio/wav'))
      setState('recording')
    } catch {
      setWrong(words.noMicrophone)
      setState('idle')
    }
  }
  const choose = (input: HTMLInputElement) => {
    const file = input.files?.[0]
    // Without this the browser does not report that the same file is chosen again, after it was corrected.
    input.value = ''
    if (file) void send(file, 'upload', file.type.startsWith('audio/') ? file.type : 'audio/wav')
  }

  return (
    <div class="stack">
      {wrong && (
        <p class="note wrong" role="alert">
          {wrong}
        </p>
      )}
      {Object.keys(sayFor.options).length > 1 && (
        <div class="field">
          <label for="recorded-line">{sayFor.label}</label>
          <select
            id="recorded-line"
            value={line}
            disabled={state !== 'idle'}
            onChange={event => setLine(event.currentTarget.value)}
          >
            {Object.entries(sayFor.options).map(([id, said]) => (
              <option key={id} value={id}>
                {said}
              </option>
            ))}
          </select>
        </div>
      )}
      {state === 'recording' ? (
        <>
          <meter aria-label={words.level} min={0} max={1} low={0.05} high={0.9} optimum={0.4} value={level} />
          <button class="button stop" type="button" onClick={() => void running.current?.stop()}>
            {words.stop}
          </button>
        </>
      ) : (
        <button class="button" type="button" disabled={state !== 'idle'} onClick={() => void record()}>
          {words.record}
        </button>
      )}
      {state === 'sending' && <Sending sent={sent} words={words} />}
      <div class="field">
        <label for="sound-file">{words.file}</label>
        <input
          id="sound-file"
          type="file"
          accept=".wav,.mp3,.ogg,.m4a,.flac,audio/*"
          disabled={state !== 'idle'}
          onChange={event => choose(event.currentTarget)}
        />
      </div>
    </div>
  )
}

/** How much of a sound is sent, and whether the console processes it. */
const Sending = ({ sent, words }: { sent: number; words: RecorderData['words'] }) => (
  <div class="field" role="status">
    <label for="sound-sent">{sent < 1 ? words.sending : words.checking}</label>
    <progress id="sound-sent" max={1} {...(sent < 1 && { value: sent })} />
  </div>
)

/**
 * Records by the microphone, without the browser's audio processing, until it is stopped or a minute has passed.
 *
 * @param onLevel called with the peak of each block, 0 to 1
 * @param onEnd called with the recording as WAV
 */
async function startRecording(
  onLevel: (level: number) => void,
  onEnd: (sound: Blob) => Promise<void>,
): Promise<Running> {
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: { channelCount: 1, echoCancellation: false, noiseSuppression: false, autoGainControl: false },
  })
  const context = new AudioContext()
  const close = async () => {
    for (const track of stream.getTracks()) track.stop()
    await context.close()
  }
  const node = await captureNode(context).catch(async (error: unknown) => {
    await close()
    throw error
  })
  const blocks: Float32Array[] = []
  node.port.onmessage = ({ data }: MessageEvent<Float32Array>) => {
    blocks.push(data)
    onLevel(Math.max(...data.map(Math.abs)))
  }
  context.createMediaStreamSource(stream).connect(node)
  let ended = false
  const stop = async () => {
    if (ended) return
    ended = true
    clearTimeout(limit)
    await close()
    await onEnd(encodeWav(blocks, context.sampleRate))
  }
  const limit = setTimeout(() => void stop(), LONGEST_MS)
  return { stop }
}

/** The part of the audio thread that hands over samples. */
async function captureNode(context: AudioContext): Promise<AudioWorkletNode> {
  await context.audioWorklet.addModule(workletAddress())
  return new AudioWorkletNode(context, 'capture')
}

/** The page states the name of the worklet's file, because it contains a hash of the content. */
const workletAddress = (): string => element?.dataset['worklet'] ?? ''
