import type {GraphNode} from '../../modelfile/plan.ts'

export const numberOf = ({attributes}: GraphNode, name: string, fallback: number): number => {
  const value = attributes[name]
  return typeof value === 'number' ? value : fallback
}

export const textOf = ({attributes}: GraphNode, name: string, fallback = ''): string => {
  const value = attributes[name]
  return typeof value === 'string' ? value : fallback
}

export const numbersOf = ({attributes}: GraphNode, name: string): readonly number[] | undefined => {
  const value = attributes[name]
  return Array.isArray(value) ? value.filter((item) => typeof item === 'number') : undefined
}
