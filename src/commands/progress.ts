/** Columns of the bar on a terminal. */
const BAR = 30

/** Shows progress as a bar on a terminal. Prints nothing if standard error is not a terminal. */
export const showProgress =
  (what: string) =>
  (done: number, of: number): void => {
    if (!process.stderr.isTTY || of === 0) return
    const full = Math.round((done / of) * BAR)
    const bar = '█'.repeat(full).padEnd(BAR, '░')
    process.stderr.write(`\r${bar} ${what} ${done}/${of}${done === of ? '\n' : ''}`)
  }
