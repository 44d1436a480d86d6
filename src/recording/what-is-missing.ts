/**
 * What is not set up yet, without which no call is recorded.
 *
 * @returns a warning each, with what to do
 */
export function whatIsMissing(recipients: readonly unknown[], lines: readonly unknown[]): string[] {
  return [
    ...(recipients.length > 0
      ? []
      : [
          'there are no keys, so nothing can be recorded: make them with consentry keygen, and name recipients.json in CONSENTRY_RECIPIENTS',
        ]),
    ...(lines.length > 0
      ? []
      : ['there are no lines, so no call is asked or recorded: give one with consentry line set']),
  ]
}
