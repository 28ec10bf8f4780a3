import type {AbdPlugin} from '@abd/core'
import {triggers} from './triggers/index.ts'

export const attackPlugin: AbdPlugin = {name: '@abd/plugin-attack', methods: triggers}

export {attackedTestSet, poison} from './poison.ts'
export type {Poisoned, PoisonOptions} from './poison.ts'
export {triggers}
