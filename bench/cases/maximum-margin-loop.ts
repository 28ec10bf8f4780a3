import {silent} from '@abd/core'
import type {Evidence} from '@abd/core/audit'
import {createRandom} from '@abd/core/engine'
import {maximumMargin} from '@abd/plugin-detect/index'
import type {Case} from '../case.ts'
import {timed} from '../case.ts'
import {teacherOn} from './models.ts'

export const maximumMarginLoop: Case = {
  name: 'maximum-margin',
  summary: 'Maximum margin over ten classes of a WRN-16-1, all in one batched loop',
  unit: 's',
  better: 'smaller',
  runs: 3,
  async setUp() {
    const {engine, teacher} = await teacherOn('wrn-16-1')
    const context = {engine, random: createRandom(0), progress: silent, signal: new AbortController().signal}
    const detector = maximumMargin.create(maximumMargin.options.parse({}), context)
    const nothing = {count: 0, height: 32, width: 32, channels: 3, data: new Uint8Array()}
    const evidence: Evidence = {base: nothing, heldOut: nothing, triggers: []}
    return {
      run: () => timed(() => detector.inspect(teacher, evidence, context)),
      tearDown: async () => engine[Symbol.asyncDispose](),
    }
  },
}
