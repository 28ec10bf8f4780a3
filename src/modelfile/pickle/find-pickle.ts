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
  const head = surveyPickle(file.head)
  const goesOn = head.reached === 'cut' && file.bytes > HEAD_BYTES
  if (!head.imports && !goesOn) return []
  const bytes = goesOn ? await file.read(0, Math.min(file.bytes, limits.pickleBytes)) : file.head
  if (!surveyPickle(bytes).imports) return []
  const [{interpret}, {pickleContext}] = await Promise.all([import('./interpret.ts'), import('./machine.ts')])
  const context = pickleContext(limits, signal)
  interpret(bytes, 0, context)
  const found = context.findings.all.filter(({severity}) => severity !== 'info' && severity !== 'low')
  return found.length === 0 ? [] : [finding('polyglot', `a ${format} file that is a pickle too`, 0), ...found]
}
