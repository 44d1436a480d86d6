/** One visit of a call in our hands; a call may come back for another. */
export function inOurHands(): { over: Promise<void>; end(): void } {
  let end = () => {}
  const over = new Promise<void>(resolve => {
    end = resolve
  })
  return { over, end }
}
