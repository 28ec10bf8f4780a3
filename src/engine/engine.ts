/** Where the arithmetic runs. tfjs-core is the one tensor API; an engine is the backend behind it. */
export const engineNames = ['tensorflow', 'wasm', 'cpu'] as const
export type EngineName = (typeof engineNames)[number]

export interface CaptureOptions {
  /** What people call the step: 'A distillation step'. */
  readonly label: string
  /** How often it will be made. To prepare a graph takes as long as some steps, so few are not captured. */
  readonly times: number
  /** Told once, where the step cannot be captured, why. */
  note?(line: string): void
}

/** A step that is made over and over. */
export interface Capture extends Disposable {
  /**
   * Runs the step, which is synchronous, and gives what it gives. When this returns, what survives the step has been
   * computed: its results and the new values of variables. A step that reads a result before it is over is run as it is.
   * An operation that fails on the numbers that it is given may do so, and throw, only when the step is over; what the step
   * assigned is lost then.
   */
  run<T>(step: () => T): T
}

export interface Engine extends AsyncDisposable {
  readonly name: EngineName
  /** Of the library behind it: '2.21.0'. */
  readonly version: string
  readonly device: 'cpu' | 'gpu'
  readonly threads: number
  /** To what the factors of convolutions and products may be rounded. */
  readonly precision: 'float32' | 'tf32' | 'bfloat16'
  /**
   * Captures a step that is made over and over. On tensorflow it runs as one graph from the second time on; elsewhere,
   * and in an engine that was opened as eager, it runs as it is.
   */
  capture(options: CaptureOptions): Capture
  /** Live tensors and their bytes, to show that nothing leaks. */
  memory(): {readonly tensors: number; readonly bytes: number}
}

/** What an engine knows of the library behind it. */
export type BackendFacts = Pick<Engine, 'version' | 'device' | 'threads' | 'precision' | 'capture'>

/** The engine's name, and its precision where that is not float32: two runs give the same numbers only where both agree. */
export const arithmeticOf = ({name, precision}: Pick<Engine, 'name' | 'precision'>): string =>
  precision === 'float32' ? name : `${name} (${precision})`
