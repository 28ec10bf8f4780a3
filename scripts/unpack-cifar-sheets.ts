// Writes the 5000 images of CIFAR-10 that come as sheets as a folder of pictures, train/CLASS and test/CLASS, for --dataset.
//   node --conditions=@abd/source scripts/unpack-cifar-sheets.ts SHEETS FOLDER
import {encodePng, takeImages} from '@abd/core/data'
import {mkdir, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {parseArgs} from 'node:util'
import {readCifarSheets} from './read-cifar-sheets.ts'

const {positionals} = parseArgs({allowPositionals: true})
const [from, to] = positionals
if (from === undefined || to === undefined || positionals.length > 2)
  throw new Error('Give the folder of the sheets and the one to write.')
const data = await readCifarSheets(from)
for (const part of ['train', 'test'] as const) {
  const {images, labels} = data[part]
  for (const name of data.classNames) await mkdir(join(to, part, name), {recursive: true})
  for (const [i, label] of labels.entries())
    await writeFile(
      join(to, part, data.classNames[label]!, `${String(i).padStart(4, '0')}.png`),
      encodePng(takeImages(images, [i])),
    )
}
