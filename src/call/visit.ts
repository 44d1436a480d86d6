/**
 * Begins a visit: the time from a call's arrival in our application until it goes on or ends. A call may come back for another.
 *
 * @returns `over` resolves once `end` is called
 */
export function beginVisit(): { over: Promise<void>; end(): void } {
  let end = () => {}
  const over = new Promise<void>(resolve => {
    end = resolve
  })
  return { over, end }
}
