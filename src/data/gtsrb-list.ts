import {basename} from 'node:path'
import {badData} from './data-files.ts'
import {readBytes} from './read-bytes.ts'
import {signClasses} from './sign-classes.ts'

/**
 * The rows of one of GTSRB's lists, such as GT-final_test.csv: columns between semicolons, a head with Filename and
 * ClassId among them. Throws E_DATA for another file, a row that is cut off and a class that GTSRB has not.
 */
export async function readGtsrbList(
  path: string,
): Promise<readonly {readonly name: string; readonly label: number}[]> {
  const text = new TextDecoder().decode(await readBytes(path))
  const [head = '', ...lines] = text.split(/\r?\n/)
  const columns = head.split(';').map((column) => column.trim())
  const [nameAt, labelAt] = [columns.indexOf('Filename'), columns.indexOf('ClassId')]
  if (nameAt < 0 || labelAt < 0)
    throw badData(
      path,
      'has no columns Filename and ClassId between semicolons',
      basename(path).startsWith('GT-final_test')
        ? 'Take GT-final_test.csv of GTSRB: GT-final_test.test.csv, in the archive of the pictures, has no classes.'
        : 'Unpack the whole archive again.',
    )
  const rows = lines.flatMap((line, i) => {
    if (line.trim() === '') return []
    const cells = line.split(';').map((cell) => cell.trim())
    const [name, label] = [cells[nameAt] ?? '', cells[labelAt] ?? '']
    if (name === '' || /[/\\]/.test(name) || !/^\d+$/.test(label) || Number(label) >= signClasses.length)
      throw badData(
        path,
        `is wrong in line ${i + 2}: '${line.slice(0, 80)}'`,
        `Each line names a picture and its class, 0 to ${signClasses.length - 1}.`,
      )
    return [{name, label: Number(label)}]
  })
  if (rows.length === 0) throw badData(path, 'names no picture', 'Is the file whole?')
  return rows
}
