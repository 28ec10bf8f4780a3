import {execa} from 'execa'
import {environmentError} from '../../errors.ts'

/** Runs a program of Slurm and answers what it prints. Throws E_SLURM with its words. */
export async function slurmTool(
  tool: string,
  words: readonly string[],
  options: {readonly environment?: Readonly<Record<string, string>>} = {},
): Promise<string> {
  const {stdout, stderr, failed, code, exitCode, timedOut} = await execa(tool, words, {
    reject: false,
    stdin: 'ignore',
    timeout: 120_000,
    maxBuffer: 1e8,
    env: options.environment ?? {},
  })
  if (!failed) return stdout
  const why =
    code === 'ENOENT'
      ? 'there is no such program'
      : timedOut
        ? 'it did not answer within two minutes'
        : stderr.trim().split('\n').at(-1) || `exit code ${exitCode}`
  throw environmentError({
    code: 'E_SLURM',
    message: `${tool}: ${why}`,
    hints: [
      code === 'ENOENT'
        ? "Run it on a machine of the cluster that has Slurm's programs, or without --executor slurm."
        : 'What was submitted goes on. Try again once the controller answers: see sinfo.',
    ],
  })
}
