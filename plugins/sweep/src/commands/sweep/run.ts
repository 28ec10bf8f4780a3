import {executorFlags, SweepCommand} from '@abd/cli'
import type {Levels, Submission, SweepRun} from '@abd/cli'
import {Args, Flags} from '@oclif/core'

export default class SweepRunCommand extends SweepCommand {
  static override summary = 'Run the jobs of a plan, and make a table of what they find'
  static override description = [
    'Runs what is missing in the folder: a job whose resolved command has a result there is not run again, whatever else of the',
    'plan was changed. One that was interrupted goes on from its checkpoint, where its command keeps one. A job that fails',
    'is told, what needs it is left out, and the others go on; the exit code is 4 then.',
  ].join(' ')
  static override examples = [
    {description: 'On this machine', command: '<%= config.bin %> <%= command.id %> plan.yml --out sweep'},
    {description: 'On a cluster', command: '<%= config.bin %> <%= command.id %> plan.yml --executor slurm'},
    {description: 'One job at a time', command: '<%= config.bin %> <%= command.id %> plan.yml --jobs 1'},
  ]
  static override args = {plan: Args.string({required: true, description: 'YAML file'})}
  static override flags = {
    out: Flags.string({helpValue: 'DIR', summary: "The sweep's folder (default: the plan's name)."}),
    ...executorFlags,
  }

  async run(): Promise<SweepRun | Submission | Levels> {
    const {args, flags} = await this.parse(SweepRunCommand)
    const {createSweep} = await import('@abd/core/sweep')
    const file = await this.readPlan(args.plan)
    const sweep = await createSweep(file, flags.out ?? file.plan.name)
    return this.runSweep(sweep, flags)
  }
}
