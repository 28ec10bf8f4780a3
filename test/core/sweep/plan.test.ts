import {describe, expect, it} from 'vitest'
import {parsePlan} from '../../../src/sweep/read-plan.ts'
import {jobsOf, smallPlan} from './small-plan.ts'

const plan = `version: 1
grid:
  trigger: [badnet_grid, sig]
  defence:
    - {label: none, words: []}
    - {label: abd, words: [--defence, shuffling_vaccine]}
seeds: [0, 1]
exclude:
  - {trigger: sig, defence: abd}
jobs:
  teacher:
    abd: attack train --trigger {trigger} --seed 2 --out {out}/teacher.safetensors
  student:
    needs: teacher
    abd: distill run {teacher}/teacher.safetensors {defence} --seed {seed} --out {out}/student.safetensors
    budget: {time: 30m, memory: 4GB}
`

const messageOf = (text: string): string => {
  try {
    parsePlan(text, 'plan.yml')
  } catch (error) {
    expect(error).toMatchObject({code: 'E_PLAN', exit: 2})
    return (error as Error).message
  }
  throw new Error('nothing was thrown')
}

describe('expand', () => {
  it('makes what points share once, and everything of the first seed first', () => {
    expect(jobsOf(plan).map(({name}) => name)).toEqual([
      'teacher-badnet_grid',
      'student-badnet_grid-none-0',
      'student-badnet_grid-abd-0',
      'teacher-sig',
      'student-sig-none-0',
      'student-badnet_grid-none-1',
      'student-badnet_grid-abd-1',
      'student-sig-none-1',
    ])
  })

  it('fills in values, several words or none where a value has them', () => {
    const [teacher, vanilla, abd] = jobsOf(plan)
    expect(vanilla!.words.slice(2, 5)).toEqual(['{teacher}/teacher.safetensors', '--seed', '0'])
    expect(abd!.words.slice(2, 5)).toEqual([
      '{teacher}/teacher.safetensors',
      '--defence',
      'shuffling_vaccine',
    ])
    expect(abd!.needs).toEqual({teacher: teacher!.id})
    expect(abd!.parameters).toEqual({trigger: 'badnet_grid', defence: 'abd', seed: '0'})
  })

  it('knows the files, checkpoints and budgets of distillations', () => {
    const [teacher, student] = jobsOf(plan)
    expect(teacher).toMatchObject({
      outputs: ['teacher.safetensors'],
      resume: {when: 'teacher.checkpoint.safetensors', words: ['--resume']},
    })
    expect(student).toMatchObject({
      outputs: ['student.safetensors'],
      resume: {when: 'student.checkpoint.safetensors', words: ['--resume']},
      budget: {seconds: 1800, megabytes: 4096, cores: 1, gpus: 0},
    })
  })

  it('tells jobs apart by what they run, and by nothing else', () => {
    const ids = (text: string) => jobsOf(text).map(({id}) => id)
    const other = plan.replace('30m', '2h').replace('version: 1', 'version: 1\nname: other')
    expect(ids(other)).toEqual(ids(plan))
    const retrained = ids(plan.replace('--seed 2', '--seed 3'))
    expect(retrained.filter((id) => ids(plan).includes(id))).toEqual([])
    const longer = ids(plan.replace('{defence} --seed', '{defence} --set epochs=9 --seed'))
    expect(longer.filter((id) => ids(plan).includes(id))).toHaveLength(2)
  })

  it('takes points of a list beside the grid, each once', () => {
    const text = smallPlan({seeds: '[0]'}).replace(
      'jobs:',
      'list:\n  - {trigger: blend, method: ood}\n  - {trigger: sig, method: ood}\njobs:',
    )
    expect(
      jobsOf(text)
        .map(({name}) => name)
        .slice(-2),
    ).toEqual(['teacher-blend', 'student-blend-ood-0'])
    expect(jobsOf(text)).toHaveLength(2 + 4 + 2)
  })

  it("runs a job only where its 'only' says", () => {
    const text = plan.replace('needs: teacher', 'needs: teacher\n    only: {trigger: sig}')
    expect(jobsOf(text).map(({stage, parameters}) => `${stage} ${parameters['trigger']}`)).toEqual([
      'teacher badnet_grid',
      'teacher sig',
      'student sig',
      'student sig',
    ])
  })
})

describe('a broken plan', () => {
  // Lines and columns from 1: of the value, and of the key where the key is wrong.
  it.each([
    [
      '{defence} --seed',
      '{defense} --seed',
      '15:10: jobs.student.abd: {defense} is no parameter and no job that is needed, did you mean {defence}?',
    ],
    ['30m', '30x', '16:20: jobs.student.budget.time: write a time as in 90s, 30m, 2h or 1d'],
    ['seeds:', 'seedz:', "7:1: seedz: unknown key, did you mean 'seeds'?"],
    [
      'sig, defence',
      'sig, defenc',
      "9:20: exclude.0.defenc: there is no parameter 'defenc', did you mean 'defence'?",
    ],
    [
      'defence: abd',
      'defence: abb',
      "9:29: exclude.0.defence: there is no value of defence 'abb', did you mean 'abd'?",
    ],
    ['version: 1', 'version: 2', '1:10: version: Invalid input: expected 1'],
    [
      '[badnet_grid, sig]',
      'badnet_grid',
      '3:12: grid.trigger: Invalid input: expected array, received string',
    ],
    ['grid:', 'grid: [', '4:3: not YAML: Missing , between flow sequence items'],
    ['seeds: [0, 1]', 'seeds: [0, 1.5]', '7:12: seeds.1: Invalid input: expected int, received number'],
    ['  trigger:', '  teacher:', "11:3: jobs.teacher: 'teacher' is a parameter already"],
    [
      '{defence} --seed',
      '--x={defence} --seed',
      "'--x={defence}': {defence} can be several words, so it stands alone",
    ],
    ['--seed 2', '--seed 2\n    exec: ls', '11:3: jobs.teacher: give one command, either abd or exec'],
    ['    budget', '    outputs: [../x]\n    budget', "'../x' is outside the job's own folder"],
    ['needs: teacher', 'needs: constructor', "there is no job 'constructor'"],
    ['version: 1', 'version: 1\nname: ".."', 'name: write a name of at most 80 letters'],
    [
      '[badnet_grid, sig]',
      '[{label: sig, words: [a]}, {label: sig, words: [b]}]',
      "'sig' is the label of another value already",
    ],
    [
      'seeds: [0, 1]',
      `seeds: [${Array.from({length: 40_000}, (_, i) => i).join(', ')}]`,
      'it has 160000 points; at most 100000 make a sweep',
    ],
  ])('%s → %s', (text, replacement, message) => {
    expect(messageOf(plan.replace(text, replacement))).toContain(message)
  })

  it('tells all that is wrong at once', () => {
    const message = messageOf(
      plan.replace('needs: teacher', 'needs: techer').replace('seed {seed}', 'seed {sed}'),
    )
    expect(message.split('\n')).toEqual([
      'plan.yml is no plan that could be run:',
      'plan.yml:15:10: jobs.student.abd: {teacher} is a job: add it to needs',
      'plan.yml:15:10: jobs.student.abd: {sed} is no parameter and no job that is needed, did you mean {seed}?',
      "plan.yml:14:12: jobs.student.needs.0: there is no job 'techer', did you mean 'teacher'?",
    ])
  })

  it('needs that go round in circles, needs that are not there, points without a parameter, no point', () => {
    expect(messageOf(plan.replace('teacher:\n', 'teacher:\n    needs: [student]\n'))).toContain(
      'student needs teacher itself',
    )
    expect(messageOf(plan.replace('teacher:\n', 'teacher:\n    only: {trigger: sig}\n'))).toContain(
      "there is no teacher, which student needs: see its 'only'",
    )
    expect(messageOf(plan.replace('seeds:', 'list: [{trigger: blend}]\nseeds:'))).toContain(
      'plan.yml:7:8: list.0: the point trigger=blend seed=0 has no defence, which student uses',
    )
    expect(
      messageOf(plan.replace('{trigger: sig, defence: abd}', '{trigger: [badnet_grid, sig]}')),
    ).toContain('no point is left')
  })

  it('no copies of copies', () => {
    expect(messageOf(`${plan}x: &a [1]\ny: *a\n`)).toContain(
      'plan.yml:18:4: not YAML: the alias *a is not read: write its value out',
    )
  })
})
