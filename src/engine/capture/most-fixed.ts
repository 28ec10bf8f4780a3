/**
 * So many whole numbers at an input of an operation, made by the step, are a part of what it does: axes, sizes. More of them
 * are data.
 */
export const mostFixed = (operation: string, input: number): number =>
  input > 0 && manySizes.test(operation) ? Infinity : 8

/** All inputs after the first are sizes, however many: pieces of a split, paddings of five axes. */
const manySizes = /^(SplitV|PadV2|MirrorPad|SpaceToBatchND|BatchToSpaceND)$/
