import {HEAD_BYTES} from '../limits.ts'
import type {ParsedFile, ReadOptions} from '../reader.ts'
import type {ScanFinding} from '../scan-finding.ts'
import {finding} from '../scan-rules.ts'
import {surveyPickle} from './survey-pickle.ts'

/**
 * Of a file of another format: what it does where it is loaded as a pickle, whose instructions then begin at its first byte.
 * torch.load and pickle.load look at no name, and a header can be both.
 */
export async function findPickle(
  file: ParsedFile,
  format: string,
  {limits, signal}: ReadOptions,
): Promise<ScanFinding[]> {
  let bytes = file.head
  let survey = surveyPickle(bytes)
  if (survey.reached === 'cut' && file.bytes > HEAD_BYTES) {
    bytes = await file.read(0, Math.min(file.bytes, limits.pickleBytes))
    survey = surveyPickle(bytes)
  }
  if (survey.reached === 'cut' && file.bytes > bytes.length)
    return [
      finding('polyglot', `a ${format} file of which a pickle could be the first ${bytes.length} bytes`, 0),
    ]
  if (!survey.imports) return []
  const [{interpret}, {pickleContext}] = await Promise.all([import('./interpret.ts'), import('./machine.ts')])
  const context = pickleContext(limits, signal)
  const {failure} = interpret(bytes, 0, context)
  const found = context.findings.all.filter(({severity}) => severity !== 'info' && severity !== 'low')
  const isUnclear = failure !== undefined && survey.calls
  if (found.length === 0 && !isUnclear) return []
  const unclear = isUnclear ? `, not followed to its end: ${failure}` : ''
  return [finding('polyglot', `a ${format} file that is a pickle too${unclear}`, 0), ...found]
}
