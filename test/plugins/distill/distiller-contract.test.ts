import type {Engine} from '@abd/core/engine'
import {openEngine} from '@abd/core/engine'
import {distillerContract} from '@abd/core/testing'
import type {DistillerSubject} from '@abd/core/testing'
import {beforeAll, describe, test} from 'vitest'
import {retrospective, subjects, vaccinated} from './contract-subjects.ts'

let engine: Engine
beforeAll(async () => {
  engine = await openEngine('auto')
})

// Twenty captured steps with a defence take minutes: captured-defences.slow.test.ts.
const once = ({gentle: _, ...subject}: DistillerSubject): DistillerSubject => subject

describe.each(subjects(() => engine))('the distiller $method.name', (subject) => {
  for (const {name, check} of distillerContract(subject)) test(name, check)

  describe('with the Shuffling Vaccine', () => {
    for (const {name, check} of distillerContract(once(vaccinated(subject)))) test(name, check)
  })

  describe('with Self-Retrospection', () => {
    for (const {name, check} of distillerContract(once(retrospective(subject)))) test(name, check)
  })
})
