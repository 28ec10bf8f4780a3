import type {Engine} from '@abd/core/engine'
import {openEngine} from '@abd/core/engine'
import {distillerContract} from '@abd/core/testing'
import {beforeAll, describe, test} from 'vitest'
import {retrospective, subjects, vaccinated} from './contract-subjects.ts'

let engine: Engine
beforeAll(async () => {
  engine = await openEngine('auto')
})

describe.each(subjects(() => engine))('$method.name with the Shuffling Vaccine', (subject) => {
  for (const {name, check} of distillerContract(vaccinated(subject)))
    if (name.startsWith('captured')) test(name, check)
})

describe.each(subjects(() => engine))('$method.name with Self-Retrospection', (subject) => {
  for (const {name, check} of distillerContract(retrospective(subject)))
    if (name.startsWith('captured')) test(name, check)
})
