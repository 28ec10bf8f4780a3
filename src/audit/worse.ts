import type {Judgement} from './judge.ts'
import type {Preprocessing} from './preprocessing.ts'

/** An untrusted card or a guess is tried against the next best normalisation; what is worse counts, and it is said. */
export function worse(
  first: Judgement,
  other: Judgement,
  own: Preprocessing,
  second: Preprocessing,
): Judgement {
  if (other.verdict === 'pass' || (first.verdict === 'review' && other.verdict === 'review')) return first
  const note = `Under another input normalisation (${second.name ?? second.mean.join(', ')}) than the one ${own.source === 'card' ? 'of its card' : 'guessed'} the verdict would be ${other.verdict}:`
  return {
    verdict: own.source === 'guessed' && other.verdict === 'block' ? 'review' : other.verdict,
    reasons: [note, ...other.reasons, ...(first.verdict === 'pass' ? [] : first.reasons)],
    advice: ['Give the true normalisation with --mean and --std.', ...other.advice],
    suspectedTarget: other.suspectedTarget ?? first.suspectedTarget,
  }
}
