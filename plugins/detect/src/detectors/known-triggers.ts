import {defineMethod} from '@abd/core'
import type {Demonstration, Illustration} from '@abd/core/audit'
import {controlShares, eligible, illustrate, largest, movedShares, neighbourShares} from '@abd/core/audit'
import type {Images, Trigger} from '@abd/core/data'
import {sideBySide, stamp, takeImages} from '@abd/core/data'
import type {Model} from '@abd/core/nn'
import {predict} from '@abd/core/train'
import {z} from 'zod'

/**
 * The library of published triggers, stamped on base images: the target is chosen on one half, the share is measured on
 * the other, beside random controls of the same size and norm. The statistic is how far the best goes beyond these; a
 * demonstration by a trigger that has neighbours has them among its controls (docs/decisions/0056-a-wave-is-compared-with-its-neighbours.md).
 */
export const knownTriggers = defineMethod({
  kind: 'detector',
  name: 'known_triggers',
  summary:
    'Every trigger of the library, stamped on images that have nothing to do with the task, against random controls',
  options: z.strictObject({
    images: z.int().min(40).max(5000).default(200).describe('Base images, and as many held-out ones'),
    controls: z.int().min(1).max(100).default(4).describe('Random controls a trigger'),
  }),
  create: ({images, controls}) => ({
    version: 1,
    needs: 'forward',
    async inspect(model, evidence, context) {
      const {classes} = model.network.architecture
      const search = takeImages(evidence.base, images)
      const held = takeImages(evidence.heldOut, images)
      const [before, heldBefore] = [await predict(model, search), await predict(model, held)]
      const task = context.progress.start('Known triggers', evidence.triggers.length)
      const tried: {readonly demonstration: Demonstration; readonly beyond: number}[] = []
      const perClass = new Float64Array(classes)
      try {
        for (const trigger of evidence.triggers) {
          context.signal.throwIfAborted()
          const target = largest(
            movedShares(before, await predict(model, stamp(search, trigger)), classes),
          ).index
          const shares = movedShares(heldBefore, await predict(model, stamp(held, trigger)), classes)
          const random = await controlShares(model, trigger, {
            images: held,
            before: heldBefore,
            count: controls,
            random: context.random.fork(trigger.name),
            signal: context.signal,
          })
          const [asr, randomAsr] = [shares[target]!, random[target]!]
          const beyond = asr - randomAsr
          perClass[target] = Math.max(perClass[target]!, beyond)
          const beside = await neighbourShares(model, trigger, {images: held, before: heldBefore})
          tried.push({
            demonstration: {
              trigger: trigger.name,
              origin: 'known',
              on: 'teacher',
              target,
              asr,
              controlAsr: Math.max(randomAsr, beside[target]!),
              images: eligible(heldBefore, target),
            },
            beyond,
          })
          task.advance(1)
        }
      } finally {
        task.end()
      }
      tried.sort((a, b) => b.beyond - a.beyond)
      const best = tried[0]?.demonstration
      return {
        statistic: tried[0]?.beyond ?? 0,
        target: best?.target ?? null,
        perClass: [...perClass],
        demonstrations: tried.map(({demonstration}) => demonstration),
        details: {
          triggers: tried.length,
          best: best?.trigger ?? 'none',
          asr: best?.asr ?? 0,
          controlAsr: best?.controlAsr ?? 0,
        },
        illustrations: best ? [await beforeAndAfter(model, held, evidence.triggers, best)] : [],
      }
    },
  }),
})

/** One image that the trigger moves (if any does), clean on the left, stamped on the right. */
async function beforeAndAfter(
  model: Model,
  images: Images,
  triggers: readonly Trigger[],
  {trigger, target, asr}: Demonstration,
): Promise<Illustration> {
  const data = triggers.find((candidate) => candidate.name === trigger)!
  const few = takeImages(images, 40)
  const stamped = stamp(few, data)
  const [before, after] = [await predict(model, few), await predict(model, stamped)]
  const moved = Math.max(
    0,
    before.findIndex((predicted, i) => predicted !== target && after[i] === target),
  )
  const pair = sideBySide(takeImages(few, [moved]), takeImages(stamped, [moved]))
  return illustrate(pair, {
    kind: 'trigger',
    trigger,
    caption: `${trigger}: left clean (class ${before[moved]}), right stamped (class ${after[moved]}); moves ${(100 * asr).toFixed(0)} % of held-out base images into class ${target}`,
  })
}
