import { leadingWords, type Verb } from './verbs.js'

/** Words that complete a verb: the verbs below it, and its options. */
const wordsOf = ({ usage, options }: Verb): string =>
  [...new Set(usage.map(leadingWords).flatMap(words => words.split(' ')))]
    .filter(word => word !== '')
    .concat(options)
    .join(' ')

/** Makes the completion for bash: verbs, then what each verb takes, and file names everywhere else. */
export const bashCompletion = (verbs: readonly Verb[]): string => `# bash completion for consentry(1)
_consentry() {
  local word=\${COMP_WORDS[COMP_CWORD]} words
  if [ "$COMP_CWORD" -eq 1 ]; then
    words='${[...verbs.map(({ name }) => name), 'help', '--version'].join(' ')}'
  else
    case \${COMP_WORDS[1]} in
      help) words='${verbs.map(({ name }) => name).join(' ')}' ;;
${verbs.map(verb => `      ${verb.name}) words='${wordsOf(verb)}' ;;`).join('\n')}
    esac
  fi
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}
complete -o default -F _consentry consentry
`
