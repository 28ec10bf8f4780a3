import {spawnSync} from 'node:child_process'

/** GPUs of this machine, as CUDA_VISIBLE_DEVICES names them: those of the variable, where it is set, else all there are. */
export function findGpus(environment: Readonly<Record<string, string | undefined>>): readonly string[] {
  const visible = environment['CUDA_VISIBLE_DEVICES']
  if (visible !== undefined) return visible.split(',').filter((one) => one !== '' && one !== '-1')
  const {status, stdout} = spawnSync('nvidia-smi', ['-L'], {encoding: 'utf8', timeout: 10_000})
  if (status !== 0) return []
  return stdout
    .split('\n')
    .filter((line) => line.startsWith('GPU '))
    .map((_, i) => `${i}`)
}
