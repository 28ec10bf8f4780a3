import type {AbdPlugin} from '@abd/core'
import {cleanKd} from './clean-kd/clean-kd.ts'
import {cmi} from './cmi/cmi.ts'
import {deepInversion} from './deepinversion/deepinversion.ts'
import {ood} from './ood/ood.ts'
import {zskt} from './zskt/zskt.ts'

export const distillPlugin: AbdPlugin = {
  name: '@abd/plugin-distill',
  methods: [ood, zskt, cmi, deepInversion, cleanKd],
}

export {cleanKd, cmi, deepInversion, ood, zskt}
