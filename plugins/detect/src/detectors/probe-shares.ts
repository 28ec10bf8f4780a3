import type {Context} from '@abd/core'
import {movedShares} from '@abd/core/audit'
import type {Images} from '@abd/core/data'
import {concatImages} from '@abd/core/data'
import type {Model} from '@abd/core/nn'
import {predict} from '@abd/core/train'
import type {Probe} from '../probes/probe.ts'

/** Probes that share a forward pass while many are tried on a few images. */
export const TOGETHER = 5

/** For each probe the share of images that it moves into each class (`movedShares`); `onTried` hears how many were tried at a time. */
export async function probeShares(
  probes: readonly Probe[],
  {
    model,
    images,
    context,
    together,
    onTried,
  }: {
    readonly model: Model
    readonly images: Images
    readonly context: Context
    readonly together: number
    readonly onTried: (probes: number) => void
  },
): Promise<Float64Array[]> {
  const {classes} = model.network.architecture
  const before = await predict(model, images)
  const shares: Float64Array[] = []
  for (let from = 0; from < probes.length; from += together) {
    context.signal.throwIfAborted()
    const group = probes.slice(from, from + together)
    const [first, ...others] = group.map((probe) => probe.apply(images))
    const after = await predict(model, concatImages(first!, ...others))
    for (const n of group.keys())
      shares.push(movedShares(before, after.subarray(n * images.count, (n + 1) * images.count), classes))
    onTried(group.length)
  }
  return shares
}
