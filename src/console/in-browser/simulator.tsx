// A telephone on the page: the machine that answers real calls, on the browser's clock.
import { render } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { type HeardPrompt, SimulatedCall, type SimulatedOutcome } from '../../call/simulate/simulated-call.js'
import type { Language } from '../../core/policy.js'
import type { SpokenClass } from '../../core/speech.js'
import type { SimulatorData } from '../pages/parts/simulator-data.js'

/** Refresh interval of the page, ms. */
const FRAME_MS = 50
const KEYS = [...'1234567890*#']
const SPEECH: readonly SpokenClass[] = ['yes', 'no', 'weak', 'unclear']

/** The past events of the call, in order. */
type Heard =
  | { prompt: number }
  | { mine: string; at: number }
  /** The questions are over. */
  | { outcome: SimulatedOutcome }
  /** The yes was withdrawn in the conversation. */
  | { withdrawnAt: number }

let shown: HTMLElement | null = null

/** Puts a telephone into the page's element. Replacing a part of the page makes a new element. */
function show(): void {
  const element = document.getElementById('simulator')
  if (!element || element === shown) return
  // Unmounting stops the sound of the replaced telephone.
  if (shown) render(null, shown)
  shown = element
  const data = JSON.parse(element.dataset['simulator'] ?? '') as SimulatorData
  element.replaceChildren()
  render(<Simulator {...data} />, element)
}

show()
new MutationObserver(show).observe(document.body, { childList: true, subtree: true })

function Simulator(data: SimulatorData) {
  const { policy, words } = data
  const { call, deeds, moving, ...caller } = useSimulatedCall(data)
  const running = call !== undefined && !call.isOver
  /** True while the caller talks with the agent and has consented. */
  const talking = call?.step === 'talking' && call.outcome.recorded.length > 0
  return (
    <>
      <Conversation {...{ data, call, deeds, moving }} />
      <fieldset class="keypad" aria-label={words.keys}>
        {KEYS.map(key => (
          <button key={key} type="button" disabled={!running && !talking} onClick={() => caller.press(key)}>
            {key}
          </button>
        ))}
      </fieldset>
      {policy.mode === 'voice-or-key' && (
        <fieldset class="deeds" aria-label={words.speech}>
          {SPEECH.map(heard => (
            <button
              class="button"
              key={heard}
              type="button"
              disabled={!running || !call.hears}
              onClick={() => caller.say(heard)}
            >
              {words.says[heard]}
            </button>
          ))}
          <small>{words.heardAfter}</small>
        </fieldset>
      )}
      <CallButtons {...{ words, running, talking, caller }} hasCalled={call !== undefined} />
    </>
  )
}

/** The call that the telephone simulates, and the actions of its caller. */
function useSimulatedCall({ policy, prompts, words }: SimulatorData) {
  const call = useRef<SimulatedCall | undefined>(undefined)
  const began = useRef(0)
  const deeds = useRef<Heard[]>([])
  const [, setFrame] = useState(0)
  const sound = useSound()
  const follow = () => {
    const one = call.current
    if (!one) return
    if (one.step !== 'ended') one.advanceTo(Math.max(one.now, performance.now() - began.current))
    const known = addHeard(one, deeds.current)
    if (one.heard.length > known) sound.hear(one.heard.at(-1))
    if (!one.isPlaying) sound.stop()
    setFrame(frame => frame + 1)
  }
  const moving = call.current !== undefined && (!call.current.isOver || call.current.isPlaying)
  useEffect(() => {
    if (!moving) return
    const timer = setInterval(follow, FRAME_MS)
    return () => clearInterval(timer)
  }, [moving])

  const start = () => {
    call.current = new SimulatedCall(
      policy,
      (prompt, language) => wordsOf(prompts, policy.language, { prompt, language })?.lengthMs ?? 0,
    )
    began.current = performance.now()
    deeds.current = []
    follow()
  }
  const act = (deed: (one: SimulatedCall) => void) => {
    follow()
    if (call.current && call.current.step !== 'ended') deed(call.current)
    follow()
  }
  const press = (key: string) =>
    act(one => {
      deeds.current.push({ mine: key, at: one.now })
      one.press(key)
    })
  const say = (heard: SpokenClass) =>
    act(one => {
      deeds.current.push({ mine: words.says[heard], at: one.now })
      one.say(heard)
    })
  /** Silence need not be waited for: the clock jumps to the next event. */
  const skip = () =>
    act(one => {
      const { nextAt } = one
      if (nextAt !== undefined) began.current -= nextAt - one.now
    })
  return { call: call.current, deeds: deeds.current, moving, start, act, press, say, skip }
}

type Caller = Pick<ReturnType<typeof useSimulatedCall>, 'start' | 'act' | 'press' | 'say' | 'skip'>

/** Adds what the caller has newly heard, and the outcome of an ended call. @returns the number of prompts before */
function addHeard(call: SimulatedCall, deeds: Heard[]): number {
  const known = deeds.filter(deed => 'prompt' in deed).length
  for (const [i, { whispered, from }] of [...call.heard.entries()].slice(known)) {
    deeds.push({ prompt: i }, ...(whispered ? [{ withdrawnAt: from }] : []))
  }
  if (call.isOver && !deeds.some(deed => 'outcome' in deed)) deeds.push({ outcome: call.outcome })
  return known
}

/** The sound of the prompt that the caller hears. It ends with the telephone. */
function useSound() {
  const sound = useRef<HTMLAudioElement | undefined>(undefined)
  useEffect(() => () => sound.current?.pause(), [])
  return {
    /** Plays the prompt that the caller hears now, and stops the one before. */
    hear(prompt: HeardPrompt | undefined) {
      sound.current?.pause()
      sound.current = prompt && new Audio(`/prompts/${prompt.prompt}/${prompt.language}/audio`)
      // A browser without sound still shows the words.
      sound.current?.play().catch(() => undefined)
    },
    stop: () => sound.current?.pause(),
  }
}

/** The prompts that the caller has heard and the caller's answers, in order. */
function Conversation({
  data: { policy, prompts, words },
  call,
  deeds,
  moving,
}: {
  data: SimulatorData
  call: SimulatedCall | undefined
  deeds: readonly Heard[]
  moving: boolean
}) {
  const list = useRef<HTMLOListElement>(null)
  useEffect(() => list.current?.scrollTo({ top: list.current.scrollHeight }), [deeds.length, moving])
  return (
    <ol class="heard" ref={list} aria-live="polite">
      {!call && <li class="idle">{words.idle}</li>}
      {deeds.map((deed, i) => {
        if ('outcome' in deed)
          return <End key={i} outcome={deed.outcome} keys={policy.keys.withdraw} words={words} />
        if ('withdrawnAt' in deed)
          return (
            <li class="over unrecorded" key={i}>
              {words.withdrawn.replace('{time}', time(deed.withdrawnAt))}
            </li>
          )
        if ('mine' in deed)
          return (
            <li class="mine" key={i}>
              {deed.mine} <small class="number">{time(deed.at)}</small>
            </li>
          )
        return (
          <Bubble
            key={i}
            call={call!}
            index={deed.prompt}
            wordsOf={heard => wordsOf(prompts, policy.language, heard)}
          />
        )
      })}
    </ol>
  )
}

/** The buttons that begin and end the call, and skip silence. */
function CallButtons({
  words,
  hasCalled,
  running,
  talking,
  caller: { start, skip, act },
}: {
  words: SimulatorData['words']
  hasCalled: boolean
  running: boolean
  talking: boolean
  caller: Caller
}) {
  return (
    <div class="deeds">
      <button class="button main" type="button" onClick={start}>
        {hasCalled ? words.again : words.call}
      </button>
      <button class="button" type="button" disabled={!running} onClick={skip}>
        {words.silence}
      </button>
      <button
        class="button"
        type="button"
        disabled={!running && !talking}
        onClick={() => act(one => one.hangUp())}
      >
        {words.hangUp}
      </button>
      <button
        class="button"
        type="button"
        disabled={!running}
        onClick={() => act(one => one.fail('prompt-cut'))}
      >
        {words.breakOff}
      </button>
    </div>
  )
}

/** The words of a prompt in a language. @param own the line's own language */
function wordsOf(
  prompts: SimulatorData['prompts'],
  own: Language,
  { prompt, language }: Pick<HeardPrompt, 'prompt' | 'language'>,
) {
  const found = prompts[prompt]
  return language === own ? found : found?.others[language]
}

function Bubble({
  call,
  index,
  wordsOf,
}: {
  call: SimulatedCall
  index: number
  wordsOf(heard: HeardPrompt): { text: string; lengthMs: number } | undefined
}) {
  const heard = call.heard[index]!
  const words = wordsOf(heard)
  const played = (heard.to ?? call.now) - heard.from
  return (
    <li>
      {words?.text ?? heard.prompt}
      {heard.to === undefined && words && (
        <progress max={words.lengthMs} value={Math.min(played, words.lengthMs)} />
      )}
      <small class="number"> {time(heard.from)}</small>
    </li>
  )
}

function End({
  outcome,
  keys,
  words,
}: {
  outcome: SimulatedOutcome
  keys: string
  words: SimulatorData['words']
}) {
  const { recorded, leftAt, decision } = outcome
  const text =
    leftAt === null
      ? words.gone
      : (recorded.length > 0 ? words.recorded : words.unrecorded)
          .replace('{time}', time(leftAt))
          .replace('{keys}', keys)
  return (
    <li class={recorded.length > 0 ? 'over' : 'over unrecorded'}>
      {decision && `${words.answers[decision]}: `}
      {text}
    </li>
  )
}

/** A time since the call began, such as `0:04.3`. */
const time = (ms: number): string => {
  const tenths = Math.round(ms / 100)
  const seconds = (tenths % 600) / 10
  return `${Math.floor(tenths / 600)}:${seconds < 10 ? '0' : ''}${seconds.toFixed(1)}`
}
