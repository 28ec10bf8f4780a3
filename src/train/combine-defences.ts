import {addN} from '@tensorflow/tfjs-core'
import type {Scalar} from '@tensorflow/tfjs-core'
import {usageError} from '../errors.ts'
import type {Defence} from '../method.ts'
import {resumables} from './resumable.ts'

/**
 * Several defences as one, as ABD's two halves are used together: losses on what is synthesised add up. Suspects and
 * retrospection are one defence's each; throws E_DEFENCES where two want the same.
 */
export function combineDefences(defences: readonly Defence[]): Defence & Disposable {
  const only = (seam: 'suspects' | 'retrospect'): Defence | undefined => {
    const [first, second] = defences.filter((defence) => defence[seam])
    if (!second) return first
    throw usageError({
      code: 'E_DEFENCES',
      message: `Two of the defences would each ${seam === 'suspects' ? 'say what is suspicious' : 'look back at the student'}.`,
      hints: ['Take one of them.'],
    })
  }
  const suspecting = only('suspects')
  const looking = only('retrospect')
  const losses = defences.filter(({synthesisLoss}) => synthesisLoss)
  return {
    ...(suspecting && {suspects: (x, teacher) => suspecting.suspects!(x, teacher)}),
    ...(looking && {retrospect: (batch) => looking.retrospect!(batch)}),
    ...(looking?.ownOptimiser && {ownOptimiser: (steps) => looking.ownOptimiser!(steps)}),
    ...(losses.length > 0 && {
      synthesisLoss(x, teacher) {
        const terms = losses.flatMap((defence) => defence.synthesisLoss!(x, teacher) ?? [])
        return terms.length > 0 ? addN<Scalar>(terms) : undefined
      },
    }),
    async beforeStep(index, sample) {
      const events: string[] = []
      for (const defence of defences) events.push(...((await defence.beforeStep?.(index, sample)) ?? []))
      return events
    },
    beginStage(from) {
      for (const defence of defences) defence.beginStage?.(from)
    },
    state: resumables(Object.fromEntries(defences.map(({state}, i) => [i, state]))),
    [Symbol.dispose]() {
      for (const defence of defences) defence[Symbol.dispose]?.()
    },
  }
}
