import {readModelFile, writeTorchZip} from '@abd/core/modelfile'
import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import type {Case} from '../case.ts'
import {timed} from '../case.ts'

const MEGABYTES = Number(process.env['ABD_BENCH_FILE_MB'] ?? 400)

export const loadTorchZip: Case = {
  name: 'load-torch-zip',
  summary: `Reading a PyTorch file of ${MEGABYTES} MB: parsed in a process of its own, hash, checksums, scan and tensors`,
  unit: 'MB/s',
  better: 'larger',
  runs: 5,
  async setUp() {
    const folder = await mkdtemp(join(tmpdir(), 'abd-bench-'))
    const path = join(folder, 'large.pt')
    const elements = (MEGABYTES * 1e6) / 4 / 10
    const weights = Float32Array.from({length: elements}, (_, i) => Math.sin(i))
    await writeTorchZip(
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
