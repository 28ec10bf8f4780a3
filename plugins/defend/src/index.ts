import type {AbdPlugin} from '@abd/core'
import {shufflingVaccine} from './shuffling-vaccine.ts'

export const defendPlugin: AbdPlugin = {name: '@abd/plugin-defend', methods: [shufflingVaccine]}
