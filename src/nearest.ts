import {distance} from 'fastest-levenshtein'

/** The candidate closest to `word` by edit distance, or undefined where none is close (more than half of it differs). */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const ranked = candidates
    .map((candidate) => ({candidate, far: distance(word.toLowerCase(), candidate.toLowerCase())}))
    .sort((a, b) => a.far - b.far)
  const best = ranked[0]
  return best && best.far <= Math.max(2, Math.ceil(word.length / 2)) ? best.candidate : undefined
}
