/**
 * What is not set up yet, without which no call is recorded.
 *
 * @returns a warning each, with what to do
 */
export function whatIsMissing(recipients: readonly unknown[], lines: readonly unknown[]): string[] {
  const warnings: string[] = []
  if (recipients.length === 0)
    warnings.push(
      'there are no keys, so nothing can be recorded: make them with consentry keygen, and name recipients.json in CONSENTRY_RECIPIENTS',
    )
  if (lines.length === 0)
    warnings.push('there are no lines, so no call is asked or recorded: give one with consentry line set')
  return warnings
}
