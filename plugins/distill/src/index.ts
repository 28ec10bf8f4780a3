import type {AbdPlugin} from '@abd/core'
import {ood} from './ood/ood.ts'
import {zskt} from './zskt/zskt.ts'

export const distillPlugin: AbdPlugin = {name: '@abd/plugin-distill', methods: [ood, zskt]}

export {ood, zskt}
