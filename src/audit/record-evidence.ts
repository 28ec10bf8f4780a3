import {digestOfImages} from '../data/digest-of-images.ts'
import type {Recorder} from '../recorder.ts'
import type {AuditOptions} from './audit-file.ts'
import type {Evidence} from './detector.ts'

/** Which images an audit looks at, told apart by their content. */
export function recordEvidence(
  recorder: Recorder,
  {base, heldOut, images, data}: Evidence,
  {images: from, data: path}: Pick<AuditOptions, 'images' | 'data'>,
): void {
  const note = (name: string, digest: string, source: string, count: number) =>
    recorder.dataset({name, digest, source, context: 'eval', profile: {images: count}})
  note('patches', digestOfImages(base), 'abd: out-of-distribution patches', base.count)
  note('patches, held out', digestOfImages(heldOut), 'abd: out-of-distribution patches', heldOut.count)
  if (images) note('images of the task', digestOfImages(images), from ?? '', images.count)
  if (data) note('labelled data', digestOfImages(data.images, data.labels), path ?? '', data.images.count)
}
