/**
 * Waits for Ctrl-C or SIGTERM. Later ones are ignored: npm repeats a Ctrl-C that the terminal has already sent, and the second
 * must not interrupt the clean-up.
 */
export const interrupted = (): Promise<void> =>
  new Promise(resolve => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => resolve())
  })
