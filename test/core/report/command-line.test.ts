import {describe, expect, it} from 'vitest'
import {commandLine} from '../../../src/report/command-line.ts'
import {fixtures} from '../../fixtures/reports/index.ts'

describe('the command that makes a report again', () => {
  it('names the profile, the engine and the seed', () => {
    expect(commandLine(fixtures.block)).toBe(
      'abd audit examples/teacher-poisoned.safetensors --profile standard --engine tensorflow --seed 0',
    )
  })

  it('repeats what was given beside the file, and says what it does not know', () => {
    expect(commandLine(fixtures.review)).toBe(
      'abd audit models/resnet-32-candidate.pt --data data/signs --trigger NAME:TARGET --profile standard --engine tensorflow --seed 0',
    )
  })

  it('repeats flags of every kind', () => {
    const line = commandLine({
      ...fixtures.pass,
      model: {...fixtures.pass.model, normalisation: {mean: [0.5, 0.25], std: [0.1, 0.2], source: 'flags'}},
      plan: {
        input: [32, 32, 3],
        trigger: ['sig:4', 'a b.png:7'],
        set: ['sig.form=additive', 'sig.x=1'],
        strict: true,
        eager: false,
        detectors: [{name: 'x'}, {name: 'y'}],
        additional: ['y'],
      },
      policy: {source: 'policies/strict one.yml', values: {}},
    })
    expect(line).toContain(
      "--mean 0.5,0.25 --std 0.1,0.2 --input 32x32x3 --trigger sig:4 --trigger 'a b.png:7' --set sig.form=additive --set sig.x=1 --detectors y --strict --policy 'policies/strict one.yml'",
    )
    expect(line).not.toContain('eager')
  })

  it('names the profile that a budget chose, not both', () => {
    const line = commandLine({
      ...fixtures.pass,
      plan: {profile: 'quick', budget: '90s', calibration: 'own.json'},
    })
    expect(line).toContain('--profile quick --calibration own.json')
    expect(line).not.toContain('budget')
  })

  it('leaves a shell nothing to obey', () => {
    const line = commandLine({
      ...fixtures.pass,
      model: {...fixtures.pass.model, path: "-x'; rm -rf ~ #$(id)`id`.pt"},
    })
    expect(line).toMatch(/^abd audit '\.\/-x'\\''; rm -rf ~ #\$\(id\)`id`\.pt' /)
  })
})
