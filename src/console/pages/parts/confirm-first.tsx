import type { Words } from '../words/words.js'
import { Icon } from './icon.js'

/** Leads to the proof of the identity, before a person types into forms that need one. @param page the page of the forms */
export const ConfirmFirst = ({ words: { me }, page }: { words: Words; page: string }) => (
  <p class="note no-print">
    <Icon name="info" />
    <span>
      {me.confirmFirst} <a href={`/me?${new URLSearchParams({ next: page })}#confirm`}>{me.confirmSubmit}</a>
    </span>
  </p>
)
