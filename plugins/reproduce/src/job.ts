/** The data-free methods of the paper's table. */
export const dataFree = ['zskt', 'cmi', 'ood'] as const
export type DataFree = (typeof dataFree)[number]

export const isDataFree = (method: string): method is DataFree => dataFree.some((one) => one === method)

/** With what they are compared with. */
export const methods = [...dataFree, 'clean_kd'] as const
export type Method = (typeof methods)[number]

/** Without ABD, and with it where that defends the method. */
export const variantsOf = (method: Method): readonly boolean[] =>
  isDataFree(method) ? [false, true] : [false]

/** Where in the table a student belongs. */
export interface Place {
  readonly method: Method
  readonly abd: boolean
  readonly seed: number
}

/** One command of the grid: it makes a teacher, or one of a teacher's students. */
export interface Job {
  /** Of its files: `badnet_grid`, `badnet_grid-zskt-abd-0`. */
  readonly name: string
  readonly trigger: string
  /** Of a student. */
  readonly place: Place | undefined
  /** The job that makes its teacher. */
  readonly needs: Job | undefined
  /** The file it writes, within the grid's folder. */
  readonly weights: string
  /** Arguments of `abd`, for a folder where the grid lives. */
  command(folder: string): readonly string[]
}
