import {partSettings} from '@abd/core/distil'
import {parseSettings} from '@abd/core/train'
import {selfRetrospection} from './self-retrospection.ts'

/** What the reference implementation sets otherwise after a run of its methods with given or inverted images. */
const UNBOUND = {penalty: 0, fixedTarget: false}
const reference: Readonly<Record<string, typeof UNBOUND>> = {cmi: UNBOUND, ood: UNBOUND}

/**
 * Self-Retrospection as a stage after a run of a method, from the stage's first step on, with what was set by hand: its
 * options by their names, or as `defence.name` as for a run. The stage has an optimiser of its own.
 */
export const asStage =
  (settings: readonly string[]) =>
  (method: string): {readonly name: string; readonly options: Record<string, unknown>} => {
    const {own, others} = partSettings(settings, 'defence.')
    return {
      name: selfRetrospection.name,
      options: {...reference[method], ...parseSettings([...others, ...own]), start: 0, learningRate: 0},
    }
  }
