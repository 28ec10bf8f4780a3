/** Where images or labels came from. */
export interface RecordedDataset {
  readonly name: string
  /** What tells one content from another; cut to 36 characters. */
  readonly digest: string
  /** A path, a URL, or the name of what renders it. */
  readonly source: string
  readonly context: 'training' | 'eval'
  /** What else is known, as a count of images. */
  readonly profile?: Readonly<Record<string, unknown>>
}

/** A network that came of a run. */
export interface RecordedModel {
  /** `student`. */
  readonly name: string
  /** `architecture`, `classes`, `input`: what a reader wants to know before loading. */
  readonly details: Readonly<Record<string, unknown>>
  /** Weights and card: paths, stored under their base names. */
  readonly files: readonly string[]
  readonly step: number
}

/** What is said of a model where it lies. */
export interface RecordedVerdict {
  /** A version of a registered model, or a run. */
  readonly target: {readonly model: string; readonly version: string} | {readonly runId: string}
  readonly tags: Readonly<Record<string, string>>
  /** Set on this version, or taken from it; runs have none. */
  readonly alias: {readonly name: string; readonly set: boolean}
  /** Markdown; replaces what an earlier audit wrote into a version's description, and nothing else. */
  readonly summary: string
}

export type RecordedStatus = 'FINISHED' | 'FAILED' | 'KILLED'

/**
 * Who keeps what a job has to tell. Nothing here throws, blocks on a network or changes what a job computes; where a
 * value cannot be kept, that is said once and the job goes on. Absent from a context, nothing is kept.
 */
export interface Recorder {
  /** Flattened: `{method: {name: 'ood'}}` is `method.name`. The first value of a name stays. */
  params(values: Readonly<Record<string, unknown>>): void
  /** Any number, NaN and infinities too; a name's part before `/` is the group it is drawn in. */
  metrics(values: Readonly<Record<string, number>>, step?: number): void
  tags(values: Readonly<Record<string, string>>): void
  /** Markdown that stands on the run's page. */
  describe(markdown: string): void
  /** One step of a row of pictures: bytes of a PNG. */
  image(key: string, png: Uint8Array, step: number): void
  /** Rows that runs can be compared by. */
  table(
    path: string,
    columns: readonly string[],
    rows: readonly (readonly (string | number | boolean | null)[])[],
  ): void
  /** A file of the run, by its content. */
  artifact(path: string, content: string | Uint8Array): void
  /** One that is on disk: taken over as it is now. Never rejects. */
  file(path: string, source: string): Promise<void>
  dataset(dataset: RecordedDataset): void
  /** Never rejects. */
  model(model: RecordedModel): Promise<void>
  verdict(verdict: RecordedVerdict): void
  /** A run below this one. */
  child(name: string): ChildRecorder
}

export interface ChildRecorder extends Recorder {
  end(status: RecordedStatus): void
}
