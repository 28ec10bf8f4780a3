/** Stops the interpreter where a pickle is not one; never leaves this folder. */
export class BrokenPickle extends Error {
  /** In the pickle's bytes. */
  readonly position: number

  constructor(message: string, position: number) {
    super(message)
    this.name = 'BrokenPickle'
    this.position = position
  }
}
