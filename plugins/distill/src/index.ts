import type {AbdPlugin} from '@abd/core'
import {ood} from './ood/ood.ts'

export const distillPlugin: AbdPlugin = {name: '@abd/plugin-distill', methods: [ood]}

export {ood}
