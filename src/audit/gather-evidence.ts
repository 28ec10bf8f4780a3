import {oodPatches} from '../data/patches.ts'
import {loadImages} from '../data/load-images.ts'
import {loadLabelled} from '../data/load-labelled.ts'
import type {Trigger} from '../data/trigger.ts'
import type {Context} from '../context.ts'
import type {ImageShape} from '../method.ts'
import type {Registry} from '../registry.ts'
import {AbdError} from '../errors.ts'
import type {Evidence} from './detector.ts'

/** The base images of an audit come from this stream, whatever the audit's seed: the calibration was made on the same. */
const BASE_SEED = 'abd base images 1'

/** What the detectors of one audit look at. `count` base images and as many held-out ones. */
export async function gatherEvidence(
  shape: ImageShape,
  {
    count,
    classes,
    images,
    data,
    registry,
    context,
  }: {
    count: number
    classes: number
    images?: string | undefined
    data?: string | undefined
    registry: Registry
    context: Context
  },
): Promise<Evidence> {
  const patches = (split: string) => oodPatches({count, shape, seed: `${BASE_SEED} ${split}`}, context)
  return {
    base: await patches('search'),
    heldOut: await patches('held out'),
    ...(images === undefined ? {} : {images: await loadImages(images, shape)}),
    ...(data === undefined ? {} : {data: await loadLabelled(data, shape, classes, context)}),
    triggers: library(shape, registry, context),
  }
}

/**
 * Every installed trigger that can be made for this shape without options, apart from those that are half of an attack
 * and those made to evade audits: the calibration's clean models were not measured with them.
 */
function library(shape: ImageShape, registry: Registry, context: Context): Trigger[] {
  return registry.list('trigger').flatMap((method) => {
    try {
      const trigger = registry.create('trigger', method.name, {}, context)(shape)
      return trigger.substitutes === undefined && !trigger.adaptive ? [trigger] : []
    } catch (error) {
      // Some triggers are images of one size: they are no trigger for others.
      if (error instanceof AbdError && error.code === 'E_TRIGGER_SHAPE') return []
      throw error
    }
  })
}
