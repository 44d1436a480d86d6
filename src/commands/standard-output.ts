/** What becomes of the standard output of a verb. */
export interface StandardOutput {
  /** Why it could not be written; undefined while all is well. */
  failure?: NodeJS.ErrnoException
}

/**
 * Watches the standard output from now on. One that breaks ends no verb: what it was asked to do is done all the same. If
 * standard error breaks, there is nobody left to tell.
 */
export function watchOutput(): StandardOutput {
  const watched: StandardOutput = {}
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    watched.failure ??= error
  })
  process.stderr.on('error', () => undefined)
  return watched
}

/** Waits until everything is written, or is known not to be. */
export async function outputWritten(): Promise<void> {
  // A device that is full refuses even nothing: only behind what waits, it stands in line.
  if (process.stdout.writableLength > 0)
    await new Promise<void>(resolve => process.stdout.write('', () => resolve()))
  // The error itself is told after the write that met it.
  await new Promise(resolve => setImmediate(resolve))
}

/**
 * What to say of an output that broke; nothing of a reader who went because he had read enough, as `head` does.
 */
export function whyUnwritten({ failure }: StandardOutput): string | undefined {
  if (!failure || failure.code === 'EPIPE') return undefined
  return `standard output cannot be written: ${failure.message.replace(/, write$/, '')}`
}
