/** The state of a verb's standard output. */
export interface StandardOutput {
  /** Why it could not be written. Undefined if nothing failed. */
  failure?: NodeJS.ErrnoException
}

/**
 * Watches standard output from now on. A broken output does not end the verb, which still completes its work. A broken
 * standard error is ignored.
 */
export function watchOutput(): StandardOutput {
  const watched: StandardOutput = {}
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    watched.failure ??= error
  })
  process.stderr.on('error', () => undefined)
  return watched
}

/** Waits until everything is written, or writing has failed. */
export async function outputWritten(): Promise<void> {
  // An empty write waits behind earlier ones. Without earlier ones, a full device would refuse it.
  if (process.stdout.writableLength > 0)
    await new Promise<void>(resolve => process.stdout.write('', () => resolve()))
  // The stream emits the error after the write that failed.
  await new Promise(resolve => setImmediate(resolve))
}

/**
 * Describes why standard output failed. Undefined if the reader closed it early, as `head` does.
 */
export function whyUnwritten({ failure }: StandardOutput): string | undefined {
  if (!failure || failure.code === 'EPIPE') return undefined
  return `standard output cannot be written: ${failure.message.replace(/, write$/, '')}`
}
