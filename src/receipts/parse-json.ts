/** Most nested levels of a document. A deeper one could overflow the stack of a recursive function. */
const MAX_DEPTH = 64

/** Parses JSON. @throws SyntaxError if the text is no JSON or has more than `MAX_DEPTH` levels */
export function parseJson(text: string): unknown {
  const value: unknown = JSON.parse(text)
  let level = [value]
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) throw new SyntaxError(`more than ${MAX_DEPTH} nested levels`)
    level = level.flatMap(one => (typeof one === 'object' && one !== null ? Object.values(one) : []))
  }
  return value
}

/** Parses JSON. Undefined where `parseJson` throws. */
export function tryParseJson(text: string): unknown {
  try {
    return parseJson(text)
  } catch {
    return undefined
  }
}
