import {readModelFile, writeSafetensors} from '@abd/core/modelfile'
import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import type {Case} from '../case.ts'
import {timed} from '../case.ts'

const MEGABYTES = Number(process.env['ABD_BENCH_FILE_MB'] ?? 400)

export const loadSafetensors: Case = {
  name: 'load-safetensors',
  summary: `Reading a safetensors file of ${MEGABYTES} MB: hash, scan and tensors`,
  unit: 'MB/s',
  better: 'larger',
  runs: 5,
  async setUp() {
    const folder = await mkdtemp(join(tmpdir(), 'abd-bench-'))
    const path = join(folder, 'large.safetensors')
    const elements = (MEGABYTES * 1e6) / 4 / 10
    const weights = Float32Array.from({length: elements}, (_, i) => Math.sin(i))
    await writeSafetensors(
      path,
      new Map(
        Array.from({length: 10}, (_, i) => [
          `layer${i}.weight`,
          {dtype: 'float32', shape: [elements], data: weights},
        ]),
      ),
    )
    return {
      run: async () => MEGABYTES / (await timed(() => readModelFile(path))),
      tearDown: () => rm(folder, {recursive: true}),
    }
  },
}
