import type {AbdPlugin} from '@abd/core'
import {selfRetrospection} from './self-retrospection/self-retrospection.ts'
import {shufflingVaccine} from './shuffling-vaccine.ts'

export const defendPlugin: AbdPlugin = {
  name: '@abd/plugin-defend',
  methods: [shufflingVaccine, selfRetrospection],
}

export {selfRetrospection, shufflingVaccine}
