/** Where the arithmetic runs. tfjs-core is the one tensor API; an engine is the backend behind it. */
export const engineNames = ['tensorflow', 'wasm', 'cpu'] as const
export type EngineName = (typeof engineNames)[number]

export interface Engine extends AsyncDisposable {
  readonly name: EngineName
  /** Of the library behind it: '2.21.0'. */
  readonly version: string
  readonly device: 'cpu' | 'gpu'
  readonly threads: number
  /** Live tensors and their bytes, to show that nothing leaks. */
  memory(): {readonly tensors: number; readonly bytes: number}
}

/** What an engine knows of the library behind it. */
export type BackendFacts = Pick<Engine, 'version' | 'device' | 'threads'>
