import type {Likeness} from './likeness.ts'
import type {Report} from './report-schema.ts'

/** What an audit cannot exclude, and why: part of every report, a pass above all. */
export function limitsOf({
  transferTested,
  access,
  likeness,
  guessed,
  rankedBy,
}: {
  transferTested: boolean
  access: Report['access']
  likeness: Likeness
  guessed: boolean
  rankedBy: number
}): string[] {
  return [
    'Backdoors exist that cannot be found from the weights in reasonable time: sparse ones are as hard to detect as sparse principal components (arXiv 2605.04209).',
    ...(transferTested
      ? [
          'A teacher can look clean and poison only some students (SCAR, NeurIPS 2025): the students distilled here were small, few, and taught with one method.',
        ]
      : [
          'Transfer not tested: no student was distilled, so a teacher that looks clean and poisons its students (SCAR, NeurIPS 2025) is not excluded.',
        ]),
    'Triggers were tried from a library and a battery of patches and patterns; one that is larger, moves, depends on the image, or works for some source classes only can stay unseen.',
    ...(access.includes('none')
      ? [
          'No image of the task was given: shares are measured on images that have nothing to do with it (--data measures on yours).',
        ]
      : []),
    ofCalibration(likeness, rankedBy),
    ...(guessed
      ? ['The input normalisation was guessed; --mean and --std, or a model card, make it sure.']
      : []),
  ]
}

function ofCalibration(likeness: Likeness, rankedBy: number): string {
  switch (likeness) {
    case 'kind':
      return `p-values come from ${rankedBy} clean models of a few tasks and recipes; a model of another task, or made in another way, may look unusual, or usual, for no bad reason.`
    case 'related':
      return `p-values come from ${rankedBy} clean models of other architectures or numbers of classes: they are approximate.`
    case 'unlike':
      return 'No calibration fits this model: its statistics are not ranked, only demonstrations and the file itself can block it.'
  }
}
