import {extname} from 'node:path'

/** Beside the file that a run is to write: student.safetensors has student.checkpoint.safetensors. */
export const checkpointPath = (out: string): string =>
  `${out.slice(0, out.length - extname(out).length)}.checkpoint.safetensors`
