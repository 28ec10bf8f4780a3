import {printableLine, SweepCommand, table} from '@abd/cli'
import {shellWord} from '@abd/core'
import {Args} from '@oclif/core'

interface Planned {
  readonly name: string
  readonly jobs: readonly {
    readonly id: string
    readonly name: string
    readonly needs: readonly string[]
    readonly command: readonly string[]
  }[]
}

export default class SweepPlan extends SweepCommand {
  static override summary = 'Check a plan, and list the jobs that it makes'
  static override description = [
    'Checks a plan to its last word: keys, parameters, commands of abd and their flags, with line and column of what is wrong.',
    'Then lists the jobs in the order in which they would be run. What several points of the grid share, as a teacher, is one',
    'job. Runs and writes nothing.',
  ].join(' ')
  static override examples = ['<%= config.bin %> <%= command.id %> plan.yml']
  static override args = {plan: Args.string({required: true, description: 'YAML file'})}

  async run(): Promise<Planned> {
    const {args} = await this.parse(SweepPlan)
    const {plan, jobs} = await this.readPlan(args.plan)
    const byId = new Map(jobs.map((job) => [job.id, job.name]))
    const planned = jobs.map(({id, name, program, words, needs}) => ({
      id,
      name,
      needs: Object.values(needs).map((need) => byId.get(need)!),
      command: [program ?? 'abd', ...words],
    }))
    this.log(
      table(
        ['job', 'after', 'command'],
        planned.map(({name, needs, command}) => [name, needs.join(', '), command.map(shellWord).join(' ')]),
      ),
    )
    const stages = Object.keys(plan.jobs).map(
      (stage) => `${jobs.filter((job) => job.stage === stage).length} ${stage}`,
    )
    this.log(`${jobs.length} jobs: ${stages.map(printableLine).join(', ')}`)
    return {name: plan.name, jobs: planned}
  }
}
