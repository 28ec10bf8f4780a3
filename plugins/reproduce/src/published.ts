import type {Shares} from './cell.ts'

/** A row of the table that the reference's README has. */
interface Published {
  readonly teacher: Shares
  readonly zskt: Shares
  readonly zsktAbd: Shares
  readonly cleanKd: Shares
}

const row = (
  ...values: readonly [number, number, number, number, number, number, number, number]
): Published => {
  const [teacher, zskt, zsktAbd, cleanKd] = [0, 2, 4, 6].map((i) => ({
    accuracyPercent: values[i]!,
    asrPercent: values[i + 1]!,
  })) as [Shares, Shares, Shares, Shares]
  return {teacher, zskt, zsktAbd, cleanKd}
}

/**
 * CIFAR-10, ZSKT, WRN-16-2 to WRN-16-1, as the README of the authors' code has it (https://github.com/illidanlab/ABD). It
 * gives no standard deviations and no figures for CMI and OOD.
 */
export const published: ReadonlyMap<string, Published> = new Map([
  ['badnet_grid', row(92.1, 99.9, 71.9, 96.9, 68.3, 0.7, 74.6, 4.3)],
  ['trojan_wm', row(93.8, 100, 82.7, 93.9, 78.2, 22.5, 77.5, 11.1)],
  ['trojan_3x3', row(93.4, 98.7, 80.9, 96.8, 71.7, 33.3, 72.9, 1.7)],
  ['blend', row(93.9, 99.7, 77, 74.4, 71.5, 23.1, 78, 4.3)],
  ['trojan_8x8', row(93.7, 99.6, 80.5, 57.2, 72.6, 17.8, 75.2, 9.3)],
  ['badnet_sq', row(93.4, 97.8, 80.8, 37.8, 77.9, 1.9, 76.2, 9.1)],
  ['cl', row(91.2, 94.3, 76.8, 17.5, 67.4, 10.2, 69.4, 2.1)],
  ['sig', row(90.5, 97.3, 77.9, 0, 72.2, 0, 77.4, 0)],
  ['l2_inv', row(93.9, 100, 82, 0.3, 70.7, 1.9, 77.2, 1.2)],
  ['l0_inv', row(92.4, 99.6, 72.8, 8.3, 69.4, 0, 79.2, 3.7)],
])
