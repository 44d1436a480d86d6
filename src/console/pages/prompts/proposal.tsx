import { isChanger } from '../../../lines/approval.js'
import type { PromptProposal, RefusedPrompt } from '../../../lines/prompts/propose-prompt.js'
import { Confirmed } from '../parts/confirmed.js'
import { DecisionForm } from '../parts/decision-form.js'
import { Icon } from '../parts/icon.js'
import { Moment } from '../parts/moment.js'
import type { View } from '../view.js'
import type { Words } from '../words/words.js'

interface ProposalProps {
  words: Words
  view: View
  mayChange: boolean
  /** The visitor's name. */
  visitor: string
  /** A refused comment, as typed. */
  comment?: string | undefined
}

/** A publication or a withdrawal that awaits approval. */
export const Proposal = (props: ProposalProps & { proposal: PromptProposal }) => {
  const { proposal, words, view, visitor, mayChange, comment } = props
  const { prompts, groups } = words
  const { name, language, id, step, version, inForce, by, at, changers, outdated } = proposal
  const address = `/prompts/${name}/${language}`
  const mayDecide = mayChange && !isChanger(changers, visitor)
  return (
    <section class="sheet stack decision" id="approval">
      <h2>{outdated ? groups.outdatedTitle : groups.waits}</h2>
      {outdated && (
        <p class="note warn">
          <Icon name="warn" />
          <span>{prompts.proposalOutdated}</span>
        </p>
      )}
      <p>{prompts.proposed(step, version, inForce)}</p>
      <p class="row soft">
        {groups.proposedBy(by)} <Moment at={at} view={view} />
      </p>
      {mayDecide && (
        <DecisionForm
          {...{ address, words, comment }}
          fields={{ proposal: id }}
          approve={outdated ? undefined : prompts.approve(step)}
        />
      )}
      {mayChange && !mayDecide && !outdated && <small class="soft">{prompts.approvalHint}</small>}
      {mayChange && (
        <div class="row">
          <Confirmed
            {...{ label: groups.withdraw, deed: groups.withdrawDo, words }}
            action={`${address}/withdraw-proposal`}
            fields={{ proposal: id }}
          >
            <p>{prompts.withdrawProposalAsks}</p>
          </Confirmed>
        </div>
      )}
    </section>
  )
}

/** What a second person has rejected, and why. */
export const Refused = ({
  refused: { by, step, version, inForce, refused },
  words: { groups, prompts },
  view,
}: Pick<ProposalProps, 'words' | 'view'> & { refused: RefusedPrompt }) => (
  <section class="sheet stack">
    <h2>{groups.refusedTitle}</h2>
    <p>{prompts.proposed(step, version, inForce)}</p>
    <p class="row soft">
      {groups.refusedBy(refused.by, by)} <Moment at={refused.at} view={view} />
    </p>
    <p class="written">{refused.comment}</p>
  </section>
)
