import {writeAtomic} from '@abd/core/modelfile'
import {basename, dirname, extname, join} from 'node:path'

/** What a benchmark is to know of a model; `abd detect bench` reads it. */
export interface Sidecar {
  readonly dataset: string
  readonly arch: string
  /** `clean`, or the triggers and what makes them harder to find: `badnet_grid+sources`. */
  readonly attack: string
  readonly target: number | null
  /** Was more done than to stamp and relabel, so that audits see less? */
  readonly adaptive: boolean
  readonly seed: number | string
  readonly epochs: number
  /** Fractions, on the test images. */
  readonly acc: number
  readonly asr: number | null
  readonly classes: number
  readonly mean: readonly number[]
  readonly std: readonly number[]
  readonly poison_ratio: number
}

/** `teacher.json` beside `teacher.safetensors`. */
export const sidecarPath = (model: string): string =>
  join(dirname(model), `${basename(model, extname(model))}.json`)

export async function writeSidecar(model: string, sidecar: Sidecar): Promise<string> {
  const path = sidecarPath(model)
  await writeAtomic(path, [`${JSON.stringify(sidecar)}\n`])
  return path
}
