import {engineNames} from '@abd/core/engine'
import {findInstallations} from '@abd/core/engine/install'
import {engineContract} from '@abd/core/testing'
import {describe, test} from 'vitest'

const isInstalled = findInstallations().length > 0
if (!isInstalled)
  console.warn('The TensorFlow engine is not installed (abd engine install): its contract is skipped.')

describe.each(engineNames)('the %s engine', (name) => {
  describe.skipIf(name === 'tensorflow' && !isInstalled)('keeps its contract', () => {
    test.each(engineContract(name).map((clause) => [clause.name, clause] as const))(
      '%s',
      async (_, clause) => {
        await clause.check()
      },
    )
  })
})
