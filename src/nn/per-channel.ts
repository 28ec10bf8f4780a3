import type {Normalisation} from '../data/images.ts'

/** One number given for all channels, repeated for each; others as they are. */
export function perChannel({mean, std}: Normalisation, channels: number): Normalisation {
  const each = (values: readonly number[]) =>
    values.length === 1 ? new Array<number>(channels).fill(values[0]!) : values
  return {mean: each(mean), std: each(std)}
}
