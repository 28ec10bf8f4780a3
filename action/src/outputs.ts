/** What a later step can ask for: words, numbers and paths that the action made; never a name from the pull request. */
export const outputs = {
  verdict: 'pass, review, block, error, or skipped where nothing matched',
  audited: 'Number of models that were audited',
  flagged: 'Number of models with the verdict block or review',
  errors: 'Number of models that could not be audited',
  models: 'Number of models that the event changed, in all shards',
  matrix: 'JSON list of at most 256 shards for a matrix, one a model: ["1/3", "2/3", "3/3"]',
  part: 'This share as a name for an upload: 1-of-3',
  report: 'Folder with report.html, report.md, report.sarif and report.json, for an upload',
  sarif: 'Path of the SARIF file',
  'summary-file': 'Path of the Markdown that the job summary shows',
  'comment-url': 'Address of the comment, where there is one',
} as const

export type OutputName = keyof typeof outputs
