/** What the run measures, told at its end. */
const figures: string[] = []

/** Notes a figure for the end of the run. */
export const note = (figure: string): void => void figures.push(figure)

/** Says what goes on, on standard error. */
export const say = (what: string): void => void process.stderr.write(`# ${what}\n`)

export const tellFigures = (): void => {
  for (const figure of figures) say(figure)
}

/** Runs something. @returns how long it took, s */
export async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await work()
  return (performance.now() - began) / 1_000
}
