/** One promise that every method of a kind keeps. A runner-free test: `check` throws where it is broken. */
export interface Clause {
  readonly name: string
  check(): Promise<void>
}

/** Throws an Error with these words unless it holds. */
export function insist(holds: boolean, words: string): void {
  if (!holds) throw new Error(words)
}
