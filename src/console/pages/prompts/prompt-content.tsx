import type { Message } from '../../../core/message.js'
import type { PromptUse, PromptVersion } from '../../../lines/prompts/find-prompts.js'
import { lostPromises } from '../../../lines/prompts/lost-promises.js'
import { lengthDiffers, type promptVoices } from '../../../lines/prompts/make-prompts.js'
import type { PromptProposal, RefusedPrompt } from '../../../lines/prompts/propose-prompt.js'
import type { LineToSay } from '../../../lines/prompts/values-of-lines.js'
import { Confirmed } from '../parts/confirmed.js'
import { Wrong } from '../parts/fields.js'
import { Icon } from '../parts/icon.js'
import { Moment } from '../parts/moment.js'
import type { Phones } from '../parts/phones.js'
import { Warnings } from '../parts/warnings.js'
import type { View } from '../view.js'
import type { Words } from '../words/words.js'
import { addressFor, ForLine } from './for-line.js'
import { PhoneForm, RecordForm, SpeechForm, type TypedSpeech } from './make-forms.js'
import { Proposal, Refused } from './proposal.js'

export interface PromptContentProps {
  name: string
  language: string
  /** The newest first. Empty: the prompt is new. */
  versions: PromptVersion[]
  /**
   * The version that supplies the words: in force, else the newest; for a new prompt, a version of the prompt that it
   * resembles.
   */
  base: PromptVersion
  /** The latest draft, whose words are edited; without one, `base`. */
  latest: PromptVersion
  /** Lines and drafts whose values the words can have. Each gives other words. The first one is chosen. */
  sayFor: LineToSay[]
  /** The line or draft from which the visitor came. */
  forLine: LineToSay | undefined
  use: PromptUse
  voices: Awaited<ReturnType<typeof promptVoices>>
  /** Phones that may be rung, and the one that was just rung. */
  phones: Phones
  words: Words
  view: View
  mayChange: boolean
  /** True if a second person approves what callers hear. */
  approval: boolean
  /** What awaits approval, or was rejected last. */
  proposal: PromptProposal | undefined
  refused: RefusedPrompt | undefined
  /** The visitor's name. */
  visitor: string
  /** A refused decision: why, and the comment as typed. */
  decision?: { refusal: Message; comment?: string | undefined } | undefined
  /** The words that could not be synthesized. */
  typed?: TypedSpeech | undefined
  /** The draft that was just made from a recording. */
  made: number | undefined
  /** Notes about the action just completed. */
  done: readonly Message[]
}

/** A prompt: its versions to play and publish, its use, and forms for a new version. */
export const PromptContent = (props: PromptContentProps) => {
  const { name, language, versions, base, words, mayChange, made, done, proposal, refused, decision } = props
  const { prompts } = words
  return (
    <>
      <div class="head">
        <div>
          <p class="crumb">
            <a href="/prompts">{prompts.title}</a> / {name}
          </p>
          <h1>{name}</h1>
          <p class="lead">{words.edit.language(language)}</p>
        </div>
      </div>
      {made !== undefined && (
        <p class="note done" role="status">
          <Icon name="check" />
          <span>{props.approval ? prompts.madeToApprove(made) : prompts.made(made)}</span>
        </p>
      )}
      <Warnings warnings={done} words={words} />
      <ForLine {...props} />
      <div class="line">
        <div class="stack">
          <Wrong why={decision && words.problem.inWords(decision.refusal)} />
          {proposal && <Proposal {...props} proposal={proposal} comment={decision?.comment} />}
          {refused && <Refused {...props} refused={refused} />}
          <section class="sheet">
            <h2>{prompts.versions}</h2>
            {versions.length === 0 && (
              <p class="soft">{base.name === name ? prompts.freshWords : prompts.fresh(base.name)}</p>
            )}
            <ol class="versions">
              {versions.map(version => (
                <Version key={`${version.version} ${version.sha256}`} {...props} version={version} />
              ))}
            </ol>
          </section>
        </div>
        <aside class="stack">
          {mayChange && <SpeechForm {...props} />}
          {mayChange && <RecordForm {...props} />}
          {mayChange && versions.length > 0 && <PhoneForm {...props} />}
          {versions.length > 0 && <Use {...props} />}
        </aside>
      </div>
    </>
  )
}

const TAG = {
  shipped: 'plain',
  draft: 'silent',
  published: 'granted',
  replaced: 'plain',
  withdrawn: 'plain',
} as const

const Version = (props: PromptContentProps & { version: PromptVersion }) => {
  const { version, base, words, view, mayChange } = props
  const { prompts } = words
  const isDiscarded = version.state === 'withdrawn' && version.publishedAt === null
  const lost = version.state === 'draft' ? lostPromises(base.says, version.says) : []
  const address = `/prompts/${version.name}/${version.language}`
  return (
    <li class="stack">
      <div class="row">
        <b class="number">{version.version}</b>
        <span class={`tag ${TAG[version.state]}`}>
          {isDiscarded ? prompts.discarded : prompts.states[version.state]}
        </span>
        {version.inForce && <span class="soft">{prompts.heard}</span>}
        {version.madeAt && <Moment at={version.madeAt} view={view} />}
        {version.madeBy && <span class="soft">{version.madeBy}</span>}
      </div>
      <p lang={version.language}>{version.text}</p>
      {version.state === 'draft' && lengthDiffers(version.text, version.lengthMs) && (
        <p class="note warn">
          <Icon name="warn" />
          <span>{prompts.unusualLength}</span>
        </p>
      )}
      {lost.length > 0 && (
        <p class="note warn">
          <Icon name="warn" />
          <span>{prompts.lost(lost, base.inForce ? undefined : base.version)}</span>
        </p>
      )}
      <small class="faint">
        {words.seconds(version.lengthMs)}
        {version.lufs !== null && `, ${prompts.loudness(version.lufs)}`}
        {`, ${prompts.how[version.how]}`}
        {version.voice && ` (${version.voice})`}
      </small>
      {/* biome-ignore lint/a11y/useMediaCaption: the words stand above */}
      <audio
        controls
        preload="none"
        aria-label={prompts.listen(version.version)}
        src={`${address}/audio?version=${version.version}`}
      />
      {mayChange && <Steps {...props} />}
    </li>
  )
}

/**
 * Actions on a version that was made here. A publication states the shown state, so that an outdated page changes
 * nothing else. Where a second person approves, a step is proposed.
 */
const Steps = (props: PromptContentProps & { version: PromptVersion }) => {
  const { version, versions, words, forLine, approval } = props
  const { prompts, edit } = words
  const { name, language, state, publishedAt } = version
  if (state === 'shipped') return null
  const action = (deed: string) => `/prompts/${name}/${language}/versions/${version.version}/${deed}`
  const inForce = versions.find(one => one.state === 'published')?.version ?? 0
  const seen = { state, inForce }
  const stepTo = (step: 'publish' | 'withdraw') => action(approval ? 'propose' : step)
  const fieldsOf = (step: 'publish' | 'withdraw') => ({
    ...(approval && { step }),
    ...((approval || step === 'publish') && seen),
  })
  const hint = approval && <p>{prompts.approvalHint}</p>
  if (state === 'published')
    return (
      <Confirmed
        {...{ label: prompts.withdraw, deed: approval ? edit.ask : prompts.withdrawDo, words }}
        action={stepTo('withdraw')}
        fields={fieldsOf('withdraw')}
      >
        <p>{prompts.withdrawAsks(versions.some(one => one.state === 'shipped'))}</p>
        {hint}
      </Confirmed>
    )
  if (publishedAt)
    return (
      <Confirmed
        {...{ label: prompts.publishAgain, look: 'bare', words }}
        deed={approval ? edit.ask : prompts.publishAgainDo(version.version)}
        action={stepTo('publish')}
        fields={fieldsOf('publish')}
      >
        <p>{prompts.publishAgainAsks(inForce)}</p>
        {hint}
      </Confirmed>
    )
  const waits = props.proposal?.version === version.version && !props.proposal.outdated
  return (
    <div class="row">
      {!waits && (
        <form method="post" action={stepTo('publish')}>
          {Object.entries(fieldsOf('publish')).map(([field, value]) => (
            <input key={field} type="hidden" name={field} value={value} />
          ))}
          {forLine && <input type="hidden" name="for" value={forLine.id} />}
          <button class={state === 'draft' ? 'button main' : 'button bare'} type="submit">
            {approval ? edit.ask : prompts.publish}
          </button>
        </form>
      )}
      {state === 'draft' && (
        <Confirmed {...{ label: prompts.discard, deed: prompts.discardDo, action: action('discard'), words }}>
          <p>{prompts.discardAsks}</p>
        </Confirmed>
      )}
    </div>
  )
}

const Use = ({ name, language, use, words, view, mayChange }: PromptContentProps) => {
  const { prompts } = words
  const inForce = use.lines.filter(line => line.inForce)
  return (
    <section class="sheet">
      <h2>{prompts.where}</h2>
      {inForce.length === 0 ? (
        <p class="soft">{prompts.nowhere}</p>
      ) : (
        <ul class="row">
          {inForce.map(({ number, name: called }) => (
            <li key={number}>
              <a href={`/lines/${encodeURIComponent(number)}`}>{number}</a>
              {called !== undefined && <span class="soft"> · {called}</span>}
            </li>
          ))}
        </ul>
      )}
      {use.drafts.length > 0 && (
        <ul class="row">
          {use.drafts.map(({ draft, line, name: called }) => (
            <li key={draft}>
              <a href={`/drafts/${draft}`}>{prompts.draft(words.line.named(line, called))}</a>
              {mayChange && (
                <>
                  {', '}
                  <a href={addressFor({ name, language }, { id: draft })}>{prompts.wordsForIt}</a>
                </>
              )}
            </li>
          ))}
        </ul>
      )}
      {use.lastHeard && (
        <p class="faint">
          <small>
            {prompts.lastHeard} <Moment at={use.lastHeard.at} view={view} />
          </small>
        </p>
      )}
    </section>
  )
}
