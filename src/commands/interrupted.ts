/**
 * Waits for Ctrl-C or SIGTERM. Further ones are ignored from then on: npm passes on a Ctrl-C that the terminal has sent
 * already, and the second must not cut short what is being put away.
 */
export const interrupted = (): Promise<void> =>
  new Promise(resolve => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => resolve())
  })
