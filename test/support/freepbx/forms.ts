/** How subroutines are called, and how they end. */
export interface Forms {
  call(name: string, args?: string): string
  end: string
  /** An option of Dial that runs one on the called channel. */
  onCalled(name: string): string
}
export const GOSUB: Forms = {
  call: (name, args) => `Gosub(macro-${name},s,1${args === undefined ? '' : `(${args})`})`,
  end: 'Return()',
  onCalled: name => `U(macro-${name})`,
}
export const MACRO: Forms = {
  call: (name, args) => `Macro(${name}${args === undefined ? '' : `,${args}`})`,
  end: 'MacroExit()',
  onCalled: name => `M(${name})`,
}

/** A context that FreePBX writes: the one of the operator's comes first. */
export const generated = (name: string, includes: readonly string[], ...lines: string[]): string[] => [
  `[${name}]`,
  ...[`${name}-custom`, ...includes].map(one => `include => ${one}`),
  ...lines,
]

/** The priorities of one extension. A label stands before a bar. */
export const steps = (exten: string, ...all: string[]): string[] =>
  all.map((step, i) => {
    const [, label, text = step] = /^([\w-]+)\|(.*)$/.exec(step) ?? []
    return `exten => ${exten},${i === 0 ? '1' : 'n'}${label ? `(${label})` : ''},${text}`
  })

/** A line that includes another context. */
export const including = (name: string): string => `include => ${name}`
