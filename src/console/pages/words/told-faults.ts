/** How a language words faults of fields. */
export interface FaultWords {
  /** The label of a field, such as `waitMs`. Undefined: no page has it. */
  label(path: string): string | undefined
  /** A field of one of several purposes. @param which its number from 1, or its name */
  ofPurpose(label: string, which: string): string
  ofLine(number: string): string
  /** The fault, as a sentence. */
  fault(message: string): string
  /** The message for a request that the page cannot have sent. */
  malformed: string
}

/**
 * A fault as a deed states it, such as `line 700: purposes.0.legalBasis must not be empty`, with the label of the
 * field in place of its name.
 */
export function toldFault(text: string, words: FaultWords): string {
  const [, line, rest = ''] = /^\s*(?:line ([^\s,:]+)[,:] )?([\s\S]*)$/.exec(text)!
  const [, path = '', message = ''] = /^(the whole|[A-Za-z]\w*(?:\.[\w-]+)*):? ([\s\S]+)$/.exec(rest) ?? []
  const label = labelOf(path, words)
  const told = label
    ? `${label}: ${words.fault(message)}`
    : words.fault(path === 'the whole' ? message : rest)
  return line ? `${words.ofLine(line)}: ${told}` : told
}

/** The faults of a request whose form is wrong, as `problemFrom` states them: `/number may hold only letters; /name is missing`. */
export function toldRequest(text: string, words: FaultWords): string {
  const faults = text.split(/; (?=\/|the whole )/).map(one => {
    const [, path = '', message = ''] = /^\/(\S+) ([\s\S]+)$/.exec(one) ?? []
    const label = labelOf(path.replaceAll('/', '.'), words)
    return label ? `${label}: ${words.fault(message)}` : words.malformed
  })
  return [...new Set(faults)].join('\n')
}

/** The label of a path's field, or of the field that contains it. */
function labelOf(path: string, words: FaultWords): string | undefined {
  const [, which, inner] = /^purposes\.([^.]+)\.(.+)$/.exec(path) ?? []
  if (which !== undefined && inner !== undefined) {
    const label = labelOf(inner, words)
    return label && words.ofPurpose(label, /^\d+$/.test(which) ? String(Number(which) + 1) : `“${which}”`)
  }
  const label = words.label(path)
  return label || !path.includes('.') ? label : labelOf(path.replace(/\.[^.]*$/, ''), words)
}
