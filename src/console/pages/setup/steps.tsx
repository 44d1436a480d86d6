import type { ComponentChildren } from 'preact'
import { Icon } from '../parts/icon.js'
import type { Words } from '../words/words.js'

/** The steps of setting an installation up, in their order. */
export const STEPS = ['you', 'company', 'key', 'pbx', 'line', 'phone'] as const
export type Step = (typeof STEPS)[number]

/** The page of a step. The step of the person is only for the first user, who has completed it. */
export const addressOf = (step: Step): string => (step === 'you' ? '/me' : `/setup/${step}`)

/** The completed steps. `phone`: a phone was rung once, and answered. */
export type Done = Readonly<Partial<Record<Step, boolean>>>

/**
 * The frame of a step's page: the step, its state, and the way to the next one.
 * `underWay`: the work of the step continues when its page is left.
 */
export const StepPage = ({
  step,
  done,
  underWay = false,
  words: { setup },
  children,
}: {
  step: Step
  done: Done
  underWay?: boolean | undefined
  words: Words
  children: ComponentChildren
}) => {
  const at = STEPS.indexOf(step)
  const next = STEPS[at + 1]
  return (
    <div class="stack setup">
      <nav aria-label={setup.steps.label} class="no-print">
        <ol class="steps">
          {STEPS.map((one, i) => (
            <li key={one} class={done[one] ? 'done' : undefined}>
              <a href={addressOf(one)} aria-current={one === step ? 'step' : undefined}>
                {done[one] ? (
                  <span class="mark" role="img" aria-label={setup.steps.done}>
                    <Icon name="check" />
                  </span>
                ) : (
                  <span class="mark" aria-hidden="true">
                    {i + 1}
                  </span>
                )}
                <span>{setup.steps[one]}</span>
              </a>
            </li>
          ))}
        </ol>
      </nav>
      <div class="no-print">
        <p class="crumb">{setup.steps.of(at + 1, STEPS.length)}</p>
        <h1>{setup[step].title}</h1>
        <p class="lead">{setup[step].lead}</p>
      </div>
      {children}
      <p class="row no-print">
        <a class={done[step] ? 'button main' : 'button bare'} href={next ? addressOf(next) : '/now'}>
          {done[step] || underWay ? (next ? setup.next : setup.finish) : setup.later}
        </a>
      </p>
    </div>
  )
}
